"""What is said of a recipe beside its settings."""

from dataclasses import dataclass

__all__ = ["RecipePage"]


@dataclass(frozen=True, kw_only=True, slots=True)
class RecipePage:
    """One recipe's page.

    title             its heading
    summary           what marks it among the recipes, in a line
    source            the project or paper it comes from
    published_budget  how long it was trained there, in its own unit
    expect            what to expect on two cores
    deviations        what differs from the source, each in a sentence
    """

    title: str
    summary: str
    source: str
    published_budget: str
    expect: str
    deviations: tuple[str, ...] = ()
