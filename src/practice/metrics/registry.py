"""Which metrics there are, under which names; each family's module is imported when needed."""

from __future__ import annotations

import difflib
import importlib
import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from practice.errors import NotFoundError
from practice.metrics.base import Family, Metric, Several, Takes, Unit
from practice.metrics.parameters import bind, parameters_of

__all__ = ["Definition", "definition", "find", "get", "names", "register"]

# What each module registers; names are known, and a metric is found, without importing the others.
MODULES: dict[str, tuple[str, ...]] = {
    "labels": ("accuracy", "balanced_accuracy", "hamming_loss", "top_k_error"),
    "fscores": ("f1", "f_beta", "jaccard", "precision", "recall"),
    "agreement": ("cohen_kappa", "matthews_corrcoef", "quadratic_weighted_kappa"),
    "auc": (
        "average_precision",
        "gini_normalized",
        "partial_roc_auc",
        "roc_auc",
        "weighted_roc_auc",
    ),
    "probability": ("brier", "kl_divergence", "log_loss", "probabilistic_f1"),
    "lists": ("lwlrap",),
    "retrieval": ("map_at_k", "mrr", "ndcg_at_k", "precision_at_k", "recall_at_k"),
    "orders": ("kendall_tau",),
    "masks": ("dice", "f_beta_mask", "iou_precision"),
    "boxes": ("points_in_boxes_f1",),
    "likelihood": ("crps", "laplace_log_likelihood"),
    "spatial": ("haversine", "mean_angular_error"),
    "log_errors": ("group_log_mae",),
    "forecasts": ("mase", "owa"),
    "clusters": ("adjusted_mutual_info", "adjusted_rand", "v_measure"),
    "generated": ("frechet_distance",),
    "texts": ("jaccard_words", "levenshtein"),
    "regression": ("mae", "max_error", "median_absolute_error", "mse", "pinball", "rmse", "rmsle"),
    "relative": ("mape", "rmspe", "smape"),
    "deviance": ("gamma_deviance", "poisson_deviance", "tweedie_deviance"),
    "variance": ("explained_variance", "r2"),
    "correlation": ("concordance_index", "pearson", "spearman"),
}

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class Definition:
    """A metric before its parameters are bound.

    Parameters
    ----------
    name, function, family, greater_is_better, per_class, aliases, training, several, weighted
        As in :class:`~practice.metrics.base.Metric`.
    takes, range, unit, outputs
        Likewise, or a function of the bound parameters.
    presets : mapping of str to mapping
        Names that stand for the metric with certain parameters, such as "Mean F-Score".
    needs : tuple of str, or callable
        Likewise. Of these parameters those that are None need no column.

    A metric of lists or texts takes one column, whatever ``several`` says.
    """

    name: str
    function: Callable[..., Any]
    family: Family
    greater_is_better: bool
    takes: Takes | Callable[..., Takes]
    range: tuple[float, float] | Callable[..., tuple[float, float]]
    per_class: bool = False
    unit: Unit | Callable[..., Unit] = "rows"
    aliases: tuple[str, ...] = ()
    presets: Mapping[str, Mapping[str, Any]] | None = None
    needs: tuple[str, ...] | Callable[..., tuple[str, ...]] = ()
    training: bool = False
    outputs: tuple[str, ...] | Callable[..., tuple[str, ...]] = ()
    several: Several = "mean"
    weighted: bool = True

    def bind(self, given: Mapping[str, Any]) -> Metric:
        """Return the metric with its parameters.

        Parameters
        ----------
        given : mapping of str to object
            Values, or their texts on a command line.

        Returns
        -------
        Metric

        Raises
        ------
        UsageError
            Where a parameter is unknown, missing or of the wrong type.
        """
        parameters = bind(self.name, parameters_of(self.function), given)
        text = inspect.getdoc(self.function) or ""
        needs = self.needs(**parameters) if callable(self.needs) else self.needs
        takes = self.takes(**parameters) if callable(self.takes) else self.takes
        return Metric(
            name=self.name,
            greater_is_better=self.greater_is_better,
            takes=takes,
            per_class=self.per_class,
            unit=self.unit(**parameters) if callable(self.unit) else self.unit,
            range=self.range(**parameters) if callable(self.range) else self.range,
            summary=text.partition("\n")[0],
            formula=_section(text, "Notes"),
            source=_section(text, "References"),
            aliases=(*self.aliases, *(self.presets or {})),
            function=self.function,
            family=self.family,
            parameters=parameters,
            warning=_section(text, "Warnings"),
            needs=tuple(name for name in needs if parameters[name] is not None),
            training=self.training,
            outputs=self.outputs(**parameters) if callable(self.outputs) else self.outputs,
            several="none" if takes in ("labels", "text") else self.several,
            weighted=self.weighted,
        )


_registered: dict[str, Definition] = {}
_aliases: dict[str, tuple[str, Mapping[str, Any]]] = {}  # by key: name and preset parameters


def register(
    name: str,
    *,
    family: Family,
    greater_is_better: bool,
    takes: Takes | Callable[..., Takes],
    range: tuple[float, float] | Callable[..., tuple[float, float]],
    per_class: bool = False,
    unit: Unit | Callable[..., Unit] = "rows",
    aliases: tuple[str, ...] = (),
    presets: Mapping[str, Mapping[str, Any]] | None = None,
    needs: tuple[str, ...] | Callable[..., tuple[str, ...]] = (),
    training: bool = False,
    outputs: tuple[str, ...] | Callable[..., tuple[str, ...]] = (),
    several: Several = "mean",
    weighted: bool = True,
) -> Callable[[Function], Function]:
    """Register the decorated function as a metric.

    Parameters
    ----------
    name : str
    family, greater_is_better, takes, range, per_class, unit, aliases, presets, needs, training,
    outputs, several, weighted
        As in :class:`Definition`.

    Returns
    -------
    callable
        Returns the function as it is. Its keyword-only arguments become the metric's parameters,
        the "Notes" of its docstring the formula, the "References" the source.

    Raises
    ------
    ValueError
        Where the name, or an alias, is taken.

    Examples
    --------
    >>> definition("rmse").function.__name__, parameters_of(definition("rmse").function)
    ('rmse', {})
    """

    def add(function: Function) -> Function:
        made = Definition(
            name,
            function,
            family,
            greater_is_better,
            takes,
            range,
            per_class=per_class,
            unit=unit,
            aliases=aliases,
            presets=presets,
            needs=needs,
            training=training,
            outputs=outputs,
            several=several,
            weighted=weighted,
        )
        every = {**{alias: {} for alias in (name, *aliases)}, **(presets or {})}
        spellings = {_key(alias): (name, preset) for alias, preset in every.items()}
        for key in spellings:
            if key in _aliases:
                raise ValueError(f"{name}: the name {key} belongs to {_aliases[key][0]}")
        _registered[name] = made
        _aliases.update(spellings)
        return function

    return add


def names() -> tuple[str, ...]:
    """List the names of all metrics.

    Returns
    -------
    tuple of str
        Sorted; without aliases.

    Examples
    --------
    >>> "rmse" in names()
    True
    """
    return tuple(sorted({name for some in MODULES.values() for name in some} | set(_registered)))


def get(name: str, /, **parameters: Any) -> Metric:
    """Find a metric by its name or an alias, and bind its parameters.

    Parameters
    ----------
    name : str
        Case, spaces, hyphens and underscores do not matter; an alias that ends in ``{K}`` stands
        for those that end in a number.
    **parameters
        Values, or their texts on a command line.

    Returns
    -------
    Metric

    Raises
    ------
    NotFoundError
        Where there is no such metric; the hint has the close matches.
    UsageError
        Where a parameter is unknown, missing or of the wrong type.

    Examples
    --------
    >>> get("Root Mean Squared Error").name
    'rmse'
    >>> get("Macro F1 Score").parameters["average"], get("MAP@5").parameters["k"]
    ('macro', 5)
    """
    found, preset = find(name)
    return definition(found).bind({**preset, **parameters})


def definition(name: str) -> Definition:
    """Return a metric as it was registered, importing its module if need be.

    Parameters
    ----------
    name : str
        One of :func:`names`.

    Returns
    -------
    Definition
    """
    for module, contents in MODULES.items():
        if name in contents:
            importlib.import_module(f"practice.metrics.{module}")
    return _registered[name]


def find(name: str) -> tuple[str, Mapping[str, Any]]:
    """Return a metric's own name, and the parameters that an alias of it stands for.

    Parameters
    ----------
    name : str
        As for :func:`get`.

    Returns
    -------
    name : str
    parameters : mapping of str to object

    Raises
    ------
    NotFoundError
        Where there is no such metric; the hint has the close matches.

    Examples
    --------
    >>> find("Macro F1")
    ('f1', {'average': 'macro'})
    """
    key = _key(name)
    for known in names():
        if _key(known) == key:
            return known, {}
    for module in MODULES:  # aliases are known to the modules alone
        importlib.import_module(f"practice.metrics.{module}")
    if key in _aliases:
        return _aliases[key]
    numbered = re.fullmatch(r"(.*?)(\d+)", key)
    if numbered and f"{numbered[1]}{{k}}" in _aliases:  # "MAP@5" is "MAP@{K}" with k=5
        found, preset = _aliases[f"{numbered[1]}{{k}}"]
        return found, {**preset, "k": int(numbered[2])}
    close = difflib.get_close_matches(key, _aliases, n=5, cutoff=0.6)
    matches = dict.fromkeys(_aliases[match][0] for match in close)
    hint = f"did you mean {' or '.join(matches)}?" if matches else f"metrics: {', '.join(names())}"
    raise NotFoundError(f"no metric {name!r}", hint)


def _key(name: str) -> str:
    return re.sub(r"[\s_-]+", "", name).casefold()


def _section(text: str, title: str) -> str:
    """Return the first paragraph of a numpydoc section, on one line."""
    found = re.search(rf"^{title}\n-+\n(.*?)(?:\n\n|\Z)", text, re.MULTILINE | re.DOTALL)
    return " ".join(found[1].split()) if found else ""
