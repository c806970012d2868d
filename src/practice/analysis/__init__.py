"""Read-only views over store and board: what a person asks of a leaderboard beside the ranks."""

__all__: list[str] = []
