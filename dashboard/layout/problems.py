"""What is broken, as a list of which each entry filters the events below."""

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from dashboard import links
from dashboard.layout.attributes import DECORATIVE, told_to_scripts
from dashboard.view_models.problems import Problem


def problem_list(found: Sequence[Problem], app: str, *, has_plan: bool) -> Component:
    """The problems of an app, worst first; a plain word of relief where there is none."""
    return html.Div([_way_on(app), _listed(found, app, has_plan=has_plan)])


def _way_on(app: str) -> Component:
    return html.A("All issues", href=links.issues(app), className="lvd-problem-more")


def _listed(found: Sequence[Problem], app: str, *, has_plan: bool) -> Component:
    if not has_plan:
        return html.P(
            [
                "Without a plan every event is unplanned. ",
                html.A("Make one on the page Plan", href=links.plan(app)),
                " to have events judged.",
            ],
            className="lvd-relief",
        )
    if not found:
        return html.P(
            [html.Span("✓ ", **DECORATIVE), "No event broke the plan in this range."],
            className="lvd-relief",
        )
    return html.Ol([html.Li(_problem(problem)) for problem in found], className="lvd-problems")


def _problem(problem: Problem) -> Component:
    return html.Button(
        [
            html.Span(problem.title, className="lvd-problem-name"),
            html.Span(problem.since, className="lvd-problem-since"),
            html.Span(problem.what, className="lvd-problem-what"),
            html.Span(f"{problem.count} · {problem.share}", className="lvd-problem-count"),
        ],
        type="button",
        className="lvd-problem",
        title=f"List the {problem.status} events of this name",
        **told_to_scripts(problem=problem.name, status=problem.status),
    )
