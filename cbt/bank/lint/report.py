"""The report on a library of bank files: problems, figures and counts, as text for people and as plain data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from cbt.bank.check import Problem, Severity, describe
from cbt.bank.content import LANGUAGES, forbidden_character
from cbt.bank.lint.figures import Figures, percent, spread_in_words

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "hint")


@dataclass(frozen=True)
class AreaCount:
    """Questions of one area (practice ones apart) beside the number that one form takes."""

    position: str
    area: str
    items: int
    practice: int
    needed: int


@dataclass(frozen=True)
class Report:
    """`unchecked` names the languages whose spelling was asked for and could not be looked at."""

    problems: tuple[Problem, ...]
    counts: tuple[AreaCount, ...]
    files: int
    banks: Mapping[str, Figures] = field(default_factory=dict)
    unchecked: tuple[str, ...] = ()

    def of(self, severity: Severity) -> list[Problem]:
        return [problem for problem in self.problems if problem.severity == severity]

    @property
    def errors(self) -> int:
        return len(self.of("error"))

    @property
    def warnings(self) -> int:
        return len(self.of("warning"))

    @property
    def hints(self) -> int:
        return len(self.of("hint"))

    @property
    def bars_import(self) -> bool:
        """Whether a file or a question is wrong; the figures of a bank bar nothing."""
        return any(problem.file for problem in self.of("error"))

    @property
    def exit_status(self) -> int:
        return 1 if self.errors else 0

    @property
    def strict_exit_status(self) -> int:
        return 1 if self.errors or self.warnings else 0


def render(report: Report, _: Callable[[str], str]) -> str:
    """Errors, warnings and hints apart, a line each; then the areas, the figures of each bank, and the sums."""
    words: dict[Severity, str] = {"error": _("error"), "warning": _("warning"), "hint": _("hint")}
    lines: list[str] = []
    for severity in SEVERITIES:
        found = [_line(problem, words[severity], _) for problem in report.of(severity)]
        lines.extend([*found, ""] if found else [])
    lines.extend(_areas(report.counts, _))
    for position, figures in report.banks.items():
        lines.extend(f"{position}: {line}" for line in _figures(figures, _))
    for language in report.unchecked:
        lines.append(
            _("The spelling of %(language)s was not checked: there is no dictionary. Set CBT_DICTIONARIES to its folder.")
            % {"language": language}
        )
    lines.append(
        _("Files: %(files)s. Errors: %(errors)s. Warnings: %(warnings)s. Hints: %(hints)s.")
        % {"files": report.files, "errors": report.errors, "warnings": report.warnings, "hints": report.hints}
    )
    return "\n".join(map(_printable, lines)) + "\n"


def as_plain(report: Report, _: Callable[[str], str]) -> dict[str, object]:
    """The report as JSON takes it; the shape is told in `docs/bank-check.md`."""
    return {
        "files": report.files,
        "errors": report.errors,
        "warnings": report.warnings,
        "hints": report.hints,
        "problems": [
            vars(problem) | {"facts": dict(problem.facts), "message": describe(problem, _)}
            for severity in SEVERITIES
            for problem in report.of(severity)
        ],
        "areas": [vars(count) for count in report.counts],
        "banks": [{"position": position} | _plain_figures(figures) for position, figures in report.banks.items()],
        "spelling_not_checked": list(report.unchecked),
    }


def _line(problem: Problem, severity: str, _: Callable[[str], str]) -> str:
    place = ":".join(str(part) for part in (problem.file, problem.line) if part)
    named = " ".join(part for part in (problem.item, problem.field) if part)
    return ": ".join(part for part in (place, named, severity, describe(problem, _)) if part)


def _areas(counts: Iterable[AreaCount], _: Callable[[str], str]) -> Iterator[str]:
    for count in counts:
        yield (
            _("%(position)s %(area)s: %(items)s of %(needed)s questions, practice questions: %(practice)s")
            % vars(count)
        )


def _figures(figures: Figures, _: Callable[[str], str]) -> Iterator[str]:
    if figures.places:
        places = {"places": spread_in_words(figures.places)}
        if figures.p_value is None:
            yield _("right options: %(places)s (too few for a test)") % places
        else:
            test = {"chi_square": f"{figures.chi_square:.2f}", "p_value": f"{figures.p_value:.3f}"}
            yield _("right options: %(places)s (chi-square %(chi_square)s, p = %(p_value)s)") % (places | test)
        shares = {
            language: "/".join(str(percent(count, figures.judged)) for count in counts)
            for language, counts in figures.by_length.items()
        }
        yield _("right options by length, from the shortest: kk %(kk)s %%, ru %(ru)s %%") % shares
    longest = {language: percent(figures.longest[language], figures.single) for language in LANGUAGES}
    yield _("the right option is the longest: kk %(kk)s %%, ru %(ru)s %%") % longest
    levels = {level: percent(count, figures.items) for level, count in figures.levels.items()}
    yield (
        _("knowledge %(knowledge)s %%, application %(application)s %%, judgement %(judgement)s %%, several right answers %(multiple)s %%")
        % (levels | {"multiple": percent(figures.multiple, figures.items)})
    )


def _plain_figures(figures: Figures) -> dict[str, object]:
    return {
        "items": figures.items,
        "single": figures.single,
        "multiple": figures.multiple,
        "levels": dict(figures.levels),
        "keys": {chr(ord("a") + place): count for place, count in enumerate(figures.places)},
        "keys_judged": figures.judged,
        "by_length": {language: list(counts) for language, counts in figures.by_length.items()},
        "chi_square": figures.chi_square,
        "p_value": figures.p_value,
        "longest": {
            language: {"count": count, "share": round(count / figures.single, 4) if figures.single else 0.0}
            for language, count in figures.longest.items()
        },
    }


def _printable(line: str) -> str:
    """No character of a hostile file moves the terminal's cursor."""
    return "".join(f"<U+{ord(c):04X}>" if forbidden_character(c) or c == "\n" else c for c in line)
