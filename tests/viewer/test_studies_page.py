"""The Studies page without a browser: on the demo's study, and on reports made by hand."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from dash.development.base_component import Component
from flask.testing import FlaskClient

from records.accounts import create_account, named_rater
from records.compared import Answer, ComparedImage, StudyFacts, Verdict
from records.comparison import comparison_report
from records.comparison_schema import check_study_report
from records.comparison_table import table as csv_table
from records.models import Account
from records.questions import QUESTIONS
from records.studies import find_study, join
from viewer.access import Access, Person
from viewer.application import create_app
from viewer.demo import add_demo_studies
from viewer.figures.studies import agreement_figure, disagreement_figure, equivalence_figure, spectra_figure
from viewer.figures.study_page import study_page
from viewer.figures.study_tables import SOURCES, all_tables, class_table, comparison_table, confusion_table
from viewer.figures.study_words import _WHERE, human_level_sentences, missing_words
from viewer.pages.studies import ids
from viewer.pages.studies.address import path_of, read_path
from viewer.pages.studies.judging import Judging
from viewer.pages.studies.layout import layout
from viewer.pages.studies.numbers import chosen_comparison, events_behind
from viewer.pages.studies.parts import detail, head, listing, tables
from viewer.pages.studies.studies import CannotShowError, Studies, StudyResult, name_of
from viewer.pages.studies.turing import Turing
from viewer.services import Services
from viewer.settings import DEMO_FILE, Settings
from viewer.study_access import StudyAccess

ASSETS = Path(__file__).resolve().parents[2] / "assets" / "studies"
NET = "ab" * 32
PIXELS = 100


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """The demo events with the studies that come along."""
    made = Services.open(Settings(files=(DEMO_FILE,), data_folder=tmp_path_factory.mktemp("studies")))
    thread = add_demo_studies(made)
    assert thread is not None
    thread.join()
    yield made
    made.close()


@pytest.fixture(scope="module")
def studies(opened: Services) -> Studies:
    return Studies(opened, StudyAccess(Access(opened.settings.authentication, opened.database)))


@pytest.fixture(scope="module")
def result(studies: Studies) -> StudyResult:
    return studies.result("demo", "")


@pytest.fixture(scope="module")
def web(opened: Services) -> FlaskClient:
    return create_app(opened).server.test_client()


def words(component: Any) -> str:
    """All text, part after part."""
    if isinstance(component, list | tuple):
        return " | ".join(map(words, component))
    if isinstance(component, Component):
        return words(getattr(component, "children", None) or "")
    return str(component)


def keys(component: Any) -> set[str]:
    return set(re.findall(r"""'?data-number'?[=:]\s?'([^']+)'""", repr(component)))


def answer(wrong: int, michel: bool = True) -> Answer:
    classes = np.repeat(np.array([0, 1], np.int8), PIXELS // 2)
    classes[:wrong] = 1
    return Answer(classes, michel, 20.0)


def both_sources(first: str = "data", second: str = "simulation") -> dict[str, Any]:
    """A report with images of two sources, of which the second has truth, and verdicts in both."""
    images = [
        replace(image, position=i, source=source, truth=answer(0) if source == second else None)
        for i, (source, image) in enumerate(
            (source, image) for source in (first, second) for image in made_up_images()
        )
    ]
    verdicts = (
        Verdict(0, ("human", "network"), ("network",), "Olga", "<looks> wrong"),
        Verdict(13, ("network", "truth"), (), "Olga"),
    )
    facts = made_up_facts(("person 0", "person 1"), (NET,))
    return check_study_report(
        json.loads(json.dumps(comparison_report(replace(facts, verdicts=verdicts), images)))
    )


def made_up(
    source: str = "data", people: int = 2, events: int = 12, wrong: int = 2, weights: bool = True
) -> dict[str, Any]:
    """A report: the network errs on `wrong` pixels of each event, person k on k of a hundred."""
    images = made_up_images(source, people, events, wrong, weights)
    raters = tuple(f"person {k}" for k in range(people))
    return comparison_report(made_up_facts(raters, (NET,) if weights else (), events), images)


def made_up_images(
    source: str = "data", people: int = 2, events: int = 12, wrong: int = 2, weights: bool = True
) -> list[ComparedImage]:
    return [
        ComparedImage(
            position,
            {"file": "a.h5", "entry": position, "run": 1, "subrun": 2, "event": position, "plane": "Y"},
            source,
            "all",
            False,
            np.full(PIXELS, 10.0),
            raters={f"person {k}": answer(k + position % 2) for k in range(people)},
            networks={NET: answer(wrong)} if weights else {},
            truth=answer(0) if source != "data" else None,
        )
        for position in range(events)
    ]


def made_up_facts(raters: tuple[str, ...], weights: tuple[str, ...], events: int = 12) -> StudyFacts:
    done = events * len(raters)
    return StudyFacts(
        "muons", "Muons", "e" * 64, QUESTIONS["michel_pixels"], 0.05, weights, raters, done, done
    )


def test_ids_of_callbacks_are_in_the_layout_and_used_once(web: FlaskClient) -> None:
    made = [p.id for p in layout()._traverse() if isinstance(p, Component) and getattr(p, "id", None)]
    assert sorted(made) == sorted(set(made))
    wired = set()
    for callback in web.get("/studies/_dash-dependencies").json:
        wired |= {entry["id"] for entry in callback["inputs"] + callback["state"]}
        wired |= {name.rsplit(".", 1)[0] for name in re.findall(r"studies-[\w-]+\.\w+", callback["output"])}
    assert len(wired) > 40
    assert wired <= set(made)
    script = "".join(path.read_text() for path in ASSETS.glob("*.js"))
    named = set(re.findall(r'"(studies-[\w-]+)"', script))
    assert named <= set(made)
    assert {ids.NUMBER, ids.NAME, ids.PICTURES, ids.TURN_PICTURES} <= named


def test_the_page_loads_its_own_files_and_the_others_none_of_them(web: FlaskClient) -> None:
    page = web.get("/studies/demo/turing")
    assert page.status_code == 200
    assert "<title>Studies · ArgonScope</title>" in page.text
    own = ["models/models.css", "studies/studies.css", "models/models.js"]
    own += ["studies/pictures.js", "studies/studies.js"]
    assert re.findall(r"/assets/([\w/]+\.\w+)", page.text) == ["style.css", *own]
    for other in ("/", "/models/"):
        assert "assets/studies" not in web.get(other).text
    for file in ASSETS.iterdir():
        assert "http" not in file.read_text(), file.name
    assert web.get("/turing/a%20b?audience=1").location == "/studies/a%20b/turing?audience=1"


def test_addresses() -> None:
    assert (read_path("/studies/").study, read_path(None).study) == (None, None)
    for name in ("demo", "50 % muons/2026", "é?"):
        found = read_path(path_of(name, "judge", image="3").split("?")[0])
        assert (found.study, found.view) == (name, "judge")
    assert read_path("/studies/demo/nonsense").view == "results"


def test_the_list_tells_how_far_each_study_is(studies: Studies) -> None:
    said = words(listing(studies.listed()))
    assert "Demo: scripted labels, not human | complete" in said
    assert "scripted A" in said
    assert "16 of 16" in said
    assert "Start labelling" in said
    links = repr(listing(studies.listed()))
    assert "/study/practice" in links
    assert "/study/demo" not in links
    assert "No study yet" in words(listing([]))


def test_every_number_of_the_page_opens_its_events(studies: Studies, result: StudyResult) -> None:
    library = studies.services.library
    chosen = chosen_comparison(result.report, None)
    assert chosen is not None
    shown = [head(result), tables(result.report), detail(result, None, chosen, library)]
    found = keys(shown)
    assert len(found) > 80
    for number, key in enumerate(sorted(found)):
        behind = events_behind(result.report, key, result.images, name_of)
        assert behind is not None, key
        if number % 8:
            continue  # making the list takes longer than finding it
        listed = words(detail(result, key, chosen_comparison(result.report, key), library))
        assert listed.startswith(behind.title), key
        assert ("see it" in listed) == bool(behind.rows), key
    for key in ("", "demo", "demo.comparisons.9", "demo.comparisons.0.cell.7-0", "x.y.z", "gold.0.x"):
        assert events_behind(result.report, key, result.images, name_of) is None, key


def test_the_events_of_a_cell_are_those_that_have_it(result: StudyResult) -> None:
    comparison = result.report["sources"]["demo"]["comparisons"][0]
    total = comparison["pixels"]["confusion_rows_first"][1][0]
    behind = events_behind(result.report, "demo.comparisons.0.cell.1-0", result.images, name_of)
    assert behind is not None
    pixels = [int(cells[0].replace("\u2009", "")) for _, cells in behind.rows]
    assert sum(pixels) == total
    assert pixels == sorted(pixels, reverse=True)
    alone = events_behind(result.report, "demo.comparisons.0.michel.first_alone", result.images, name_of)
    assert alone is not None
    assert sum(int(cells[1]) for _, cells in alone.rows) == comparison["michel"]["first_alone"]


def test_a_link_opens_the_event_with_the_networks_answer(studies: Studies, result: StudyResult) -> None:
    chosen = chosen_comparison(result.report, None)
    said = repr(detail(result, None, chosen, studies.services.library))
    assert re.search(r"/event/demo\.h5/\d+\?plane=Y", said)
    assert re.search(r"/studies/demo/judge\?image=\d+", said)


def test_human_level_is_said_only_where_the_test_passes() -> None:
    passes, fails = made_up(wrong=1), made_up(wrong=30)
    ((key, said, shown),) = human_level_sentences(passes, name_of)
    assert (key, shown) == ("data.human_level.0", True)
    assert "human level (two one-sided tests" in said
    assert "margin of ±5 %" in said
    ((_, said, shown),) = human_level_sentences(fails, name_of)
    assert not shown
    assert "is not shown" in said
    assert re.search(
        r"over 12 events, the agreement of abababab with a physicist is 2\d\.\d\d .* below", said
    )
    ((_, said, shown),) = human_level_sentences(made_up(people=1), name_of)
    assert not shown
    assert "needs at least two events with labels by two physicists and the network, and there are 0" in said


@pytest.mark.parametrize(
    ("report", "sentence"),
    [
        (made_up(people=0, source="simulation"), "No task has been handed in yet"),
        (made_up(people=1), "No image has labels by two physicists yet"),
        (made_up(weights=False), "The study has no network"),
        (made_up(), "The study has no images from simulation, so there is no truth"),
        (made_up(source="simulation"), "The study has no images from data"),
        (made_up(), "No image was labelled twice by one rater"),
    ],
)
def test_what_is_missing_is_said(report: dict[str, Any], sentence: str) -> None:
    assert any(said.startswith(sentence) for said in missing_words(report))
    page = study_page(report)
    assert sentence in page
    for theme in ("light", "dark"):
        agreement_figure(report, name_of, theme)
        equivalence_figure(report, name_of, theme)


def test_nothing_to_compare_is_no_error(studies: Studies) -> None:
    report = made_up(people=0, weights=False)
    assert all_tables(report, name_of) == []
    assert chosen_comparison(report, "data.comparisons.0.agreement") is None
    assert words(tables(report)) == "There is nothing to compare yet."
    assert [len(trace.x) for trace in agreement_figure(report, name_of, "light").data] == [0]
    practice = studies.result("practice", "")
    assert "No task has been handed in yet" in words(head(practice))
    assert "network – truth" in words(tables(practice.report))


def test_the_table_has_data_and_simulation_and_what_is_published() -> None:
    table = comparison_table(made_up(), name_of)
    assert table.columns == ("", "data", "95 %", "of", "published")
    first = table.rows[0]
    assert first.name == "physicist – network"
    assert [c.text for c in first.cells][-1] == "above 96 %"
    assert first.cells[0].key == "data.comparisons.0.agreement"
    assert first.cells[2].text == "12 events"


@pytest.mark.parametrize("pair", [("data", "simulation"), ("unknown", "simulation"), ("data", "demo")])
def test_two_sources_stand_side_by_side_whatever_they_are(pair: tuple[str, str]) -> None:
    report = both_sources(*pair)
    first, second = (SOURCES[source] for source in pair)
    shown = comparison_table(report, name_of)
    assert shown.columns == ("", first, "95 %", "of", second, "95 %", "of", "published")
    by_name = {row.name: [cell.text for cell in row.cells] for row in shown.rows}
    assert by_name["physicist – network"][0] == by_name["physicist – network"][3] != "–"
    assert by_name["network – truth"][0] == "–"  # the first has no truth
    assert by_name["network – truth"][3] == "98.00 %"
    for theme in ("light", "dark"):
        figure = agreement_figure(report, name_of, theme)
        assert len(figure.data) == 2
        assert {figure.data[i].marker.color for i in (0, 1)} == {d.error_y.color for d in figure.data}
        assert figure.data[0].marker.color != figure.data[1].marker.color
        assert figure.data[0].marker.symbol != figure.data[1].marker.symbol
        equivalence_figure(report, name_of, theme)
    made = {table.title: table for table in all_tables(report, name_of)}
    verdicts = made["Adjudication: who is wrong where two labellings differ"]
    assert [(row.name, [cell.text for cell in row.cells]) for row in verdicts.rows] == [
        (first, ["0", "0", "1", "0", "1"]), (second, ["0", "0", "0", "1", "1"])
    ]  # fmt: skip
    page = study_page(report, name_of)
    for words in (f"physicist – network, {first}", f"physicist – network, {second}", "2 verdicts"):
        assert words in page
    assert "&lt;looks&gt; wrong" in page
    assert [s.split(",")[0] for _, s, _ in human_level_sentences(report, name_of)] == [
        _WHERE[pair[0]], _WHERE[pair[1]], _WHERE[pair[1]]
    ]  # fmt: skip
    lines = {row["source"] for row in csv.DictReader(io.StringIO(csv_table(report)))}
    assert lines >= set(pair)
    for key in keys([tables(report)]):
        assert chosen_comparison(report, key) is not None


def test_several_networks_have_short_names_and_colours_apart() -> None:
    report = both_sources()
    other = "cd" * 32
    report["weights"].append(other)
    report["sources"]["data"]["spectra"]["labellings"][other] = report["sources"]["data"]["spectra"][
        "labellings"
    ][NET]
    names = {NET: "uresnet-5-16-U", other: "uresnet-5-16-Y"}
    drawn = agreement_figure(report, names.__getitem__, "dark")
    assert "physicist<br>– network<br>(U)" in drawn.layout.xaxis.ticktext
    tests = equivalence_figure(report, names.__getitem__, "dark")
    assert "against truth<br>simulation, U" in tests.layout.yaxis.ticktext
    spectra = spectra_figure(report, "data", names.__getitem__, "dark")
    colours = [trace.line.color for trace in spectra.data]
    assert len(set(colours)) == len(colours) == 3
    assert [trace.name for trace in spectra.data] == ["physicists", "uresnet-5-16-U", "uresnet-5-16-Y"]


def test_figures_hold_the_numbers_of_the_report() -> None:
    report = made_up(source="simulation")
    names = [c["pair"] for c in report["sources"]["simulation"]["comparisons"]]
    figure = agreement_figure(report, name_of, "light")
    (points,) = figure.data
    assert points.y[names.index("network-truth")] == pytest.approx(98.0)
    assert figure.layout.shapes[0].y0 == pytest.approx(96.0)
    tests = equivalence_figure(report, name_of, "dark")
    assert len(tests.data) == 2
    assert (tests.layout.shapes[0].x0, tests.layout.shapes[0].x1) == (-5.0, 5.0)
    spectra = spectra_figure(report, "simulation", name_of, "light")
    assert [trace.name for trace in spectra.data] == ["physicists", "abababab", "truth"]
    assert [sum(trace.y) for trace in spectra.data] == [1.0, 1.0, 1.0]
    comparison = report["sources"]["simulation"]["comparisons"][0]
    bars = disagreement_figure(comparison, "n", report, "light").data[0]
    assert sum(bars.y) == 12
    confusion = confusion_table(comparison, "k", report, name_of)
    # Four labellings of 2 events differ from the network's two wrong pixels on 2, 1, 1 and 0 pixels.
    assert [[c.text for c in row.cells] for row in confusion.rows] == [["1152", "24"], ["0", "1224"]]
    by_class = class_table(comparison, "k")
    assert by_class is not None
    assert [row.name for row in by_class.rows] == ["all", "not Michel", "Michel"]


def test_the_saved_page_is_whole_and_asks_nobody(result: StudyResult) -> None:
    page = study_page(result.report, name_of)
    assert page.count("plotly-graph-div") >= 7
    assert "13 events behind these numbers" in page
    assert "2026 / 1 / 2" in page
    without_plotly = re.sub(r"<script.*?</script>", "", page, flags=re.S)
    assert "http" not in without_plotly
    risky = study_page({**result.report, "title": "<b>a & b</b>"}, name_of)
    assert "<b>a" not in risky


def test_a_pair_is_judged_without_a_name_of_anyone(studies: Studies) -> None:
    judging = Judging(studies)
    shown = judging.shown("demo", "Ada", "human-network")
    assert shown.key is not None
    blind = json.dumps([shown.key, shown.words, shown.picture])
    for told in ("scripted", "human", "network", "task", "weights"):
        assert told not in blind
    with pytest.raises(CannotShowError, match="Give your name first"):
        judging.judge("demo", "", "human-network", shown.key, "a_wrong", "")
    said = judging.judge("demo", "Ada", "human-network", shown.key, "a_wrong", "too far along the track")
    assert re.match(r"Stored: the (physicist|network) is wrong\. A was ", said)
    again = judging.judge("demo", "ada", "human-network", shown.key, "undecided", "a second click")
    assert again == said
    after = judging.shown("demo", "ada", "human-network")
    assert "a second click" not in words(after.verdicts)
    assert after.key != shown.key
    assert "too far along the track" in words(after.verdicts)
    assert judging.shown("demo", "Ben", "human-network").key == shown.key
    with pytest.raises(CannotShowError, match="no longer there"):
        judging.judge("demo", "Ada", "human-network", "0" * 16, "a_wrong", "")
    wanted = judging.shown("demo", "Ada", "network-truth", position=3)
    assert wanted.key not in (None, judging.shown("demo", "Ada", "network-truth").key)


def test_who_is_wrong_is_told_by_kind(studies: Studies) -> None:
    judging = Judging(studies)
    said = []
    for verdict in ("a_wrong", "b_wrong", "both_wrong", "undecided"):
        key = judging.shown("demo", "Carl", "network-truth").key
        assert key is not None
        said.append(judging.judge("demo", "Carl", "network-truth", key, verdict, ""))
    assert "truth is wrong" in "".join(said[:3])
    assert "the network is wrong" in "".join(said[:3])
    assert "cannot be decided" in said[3]
    # The results tell it at once, and who was found wrong on which event.
    after = studies.result("demo", "Carl")
    found = after.report["adjudication"]["demo"]
    assert found["verdicts"] >= 4
    assert found["wrong"]["undecided"] >= 1
    assert "Adjudication: who is wrong where two labellings differ" in words(tables(after.report))
    for who, number in {**found["wrong"], "all": found["verdicts"]}.items():
        behind = events_behind(after.report, f"adjudication.demo.{who}", after.images, name_of)
        assert behind is not None
        assert len(behind.rows) == number
    behind = events_behind(after.report, "adjudication.demo.all", after.images, name_of)
    assert behind is not None
    assert {"the network", "truth"} in [set(cells[0].split(" and ")) for _, cells in behind.rows]
    chosen = chosen_comparison(after.report, None)
    assert "Carl" in words(detail(after, "adjudication.demo.all", chosen, studies.services.library))
    page = study_page(after.report, name_of)
    assert f"{found['verdicts']} verdicts of adjudication" in page
    for key in ("adjudication.demo.nobody", "adjudication.data.all", "adjudication.demo"):
        assert events_behind(after.report, key, after.images, name_of) is None


def test_one_person_takes_the_turing_test_to_its_end(studies: Studies) -> None:
    turing = Turing(studies)
    seen = set()
    turn = turing.next_alone("demo", "Dora")
    while turn.turn is not None:
        blind = json.dumps(turn.turn) + turn.words
        assert "scripted" not in blind
        assert "weights" not in blind
        assert turn.score == []
        seen.add(turn.turn["key"])
        stored = turing.answer("demo", "Dora", turn.turn["key"], 1, 0, audience=False)
        if len(seen) == 1:
            assert turing.answer("demo", "dora", turn.turn["key"], 0, 1, audience=False) == stored
        turn = turing.next_alone("demo", "Dora")
    assert len(seen) > 12
    said = words(turn.score)
    assert "You picked the network in" in said
    assert "Dora" in said
    assert "no control pairs of two networks (the study has one network)" in said
    assert "votes and the right one 0" in said
    assert turing.next_alone("demo", "Dora").turn is None
    assert turing.next_alone("demo", "Emil").turn is not None


def test_an_audience_is_told_at_the_end_of_its_show(studies: Studies) -> None:
    turing = Turing(studies)
    shown: list[str] = []
    for _ in range(100):
        turn = turing.next_in_show("demo", "Speaker", shown)
        if turn.turn is None:
            break
        given = (turn.turn["key"], 30, 10, True, turn.turn["record"])
        shown.append(turing.answer("demo", "Speaker", *given))
        if len(shown) == 1:
            assert turing.answer("demo", "Speaker", *given) == shown[0]
    assert "The audience picked the network in" in words(turn.score)
    assert len(shown) > 12
    assert turing.next_in_show("demo", "Speaker", []).words.startswith("Which is the network’s? Pair 1 of")
    with pytest.raises(CannotShowError, match="expected one vote"):
        turing.answer("demo", "Speaker", turing.next_in_show("demo", "S", []).turn["key"], 0, 0, True)


def test_without_labels_the_turing_test_says_why(studies: Studies) -> None:
    said = words(Turing(studies).next_alone("practice", "Ada").score)
    assert "Nobody has handed in labels yet" in said


def test_whoever_still_labels_stays_blind(studies: Studies) -> None:
    with studies.services.database.writing() as session:
        practice = find_study(session, "practice")
        assert practice is not None
        join(session, practice, named_rater(session, "Rita"))
    for ask in (
        lambda: studies.result("practice", "Rita"),
        lambda: Judging(studies).shown("practice", "rita", "network-truth"),
        lambda: Turing(studies).next_alone("practice", "Rita"),
    ):
        with pytest.raises(CannotShowError, match="Rita still has 6 images of this study to label"):
            ask()
    # The demo's study has the same images, with truth and network beside them.
    with pytest.raises(CannotShowError, match=r"Rita still has 6 images .* in the study practice, and would"):
        Judging(studies).shown("demo", "Rita", "network-truth")
    assert studies.result("practice", "Ada").report["raters"] == ["Rita"]
    with pytest.raises(CannotShowError, match="There is no study of the name none"):
        studies.result("none", "Ada")


class LoggedIn:
    """What `viewer.access.Access` says where people log in."""

    kind = "accounts"

    def __init__(self, account: Account) -> None:
        self._person = Person(account.id, account.name, account.role)

    def person(self) -> Person:
        return self._person


def test_where_people_log_in_results_are_for_owners_and_a_typed_name_is_ignored(opened: Services) -> None:
    with opened.database.writing() as session:
        rater = create_account(session, "Rob", "rater", "a long password")
        owner = create_account(session, "Olga", "owner", "a long password")
        session.flush()
        closed, free = (StudyAccess(cast(Access, LoggedIn(account))) for account in (rater, owner))
    with pytest.raises(CannotShowError):
        Studies(opened, closed).result("demo", "Olga")
    shown = Studies(opened, free)
    assert shown.result("demo", "").report["study"] == "demo"
    with opened.database.writing() as session:
        assert free.judge(session, shown.study(session, "demo"), "Rob").name == "Olga"


def test_a_report_is_made_once_for_the_same_labels(studies: Studies, result: StudyResult) -> None:
    assert studies.result("demo", "Ada").images is result.images


def test_studies_are_added_only_with_the_demo(services: Services) -> None:
    assert add_demo_studies(services) is None
