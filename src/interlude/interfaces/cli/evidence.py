"""`interlude evidence list|show|pool|summary|check`: studies, and what they say together, with its limits."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from interlude.domain.evidence import (
    as_data,
    load_evidence,
    parse_study,
    plain_summary,
    pool,
    questions,
    staff_text,
    study_data,
    used_by,
)
from interlude.domain.refusals import N_, Refused


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="list the studies")
    listing.add_argument("--indication", help="only studies of this indication, with the outcomes that can be pooled")
    _json(listing)
    show = actions.add_parser("show", help="show one study, its results and the protocol lines that rest on it")
    show.add_argument("study", metavar="STUDY", help="id or short code, such as abbar-2022 or ABB22")
    _json(show)
    pooling = actions.add_parser("pool", help="pool the studies of one indication and outcome")
    pooling.add_argument("--indication", required=True, help="such as trd; see list")
    pooling.add_argument("--outcome", required=True, help="such as response_day_1; see list --indication")
    pooling.add_argument("--measure", help="risk_ratio, odds_ratio, risk_difference, mean_difference, smd, proportion")
    pooling.add_argument("--comparator", help="such as midazolam or saline; any mixes them")
    pooling.add_argument("--definition", help="one definition of the outcome; any mixes them")
    pooling.add_argument("--method", choices=("REML", "DL"), default="REML", help="for the variance between studies")
    pooling.add_argument("--level", type=float, default=0.95, help="of the intervals (default 0.95)")
    _json(pooling)
    summary = actions.add_parser("summary", help="the plain summary of one indication, as patients read it")
    summary.add_argument("indication", metavar="INDICATION")
    check = actions.add_parser("check", help="cross-check study files")
    check.add_argument("files", metavar="FILE", nargs="+")


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    return {"list": _list, "show": _show, "pool": _pool, "summary": _summary, "check": _check}[options.action](options)


def _list(options: argparse.Namespace) -> int:
    evidence = load_evidence()
    studies = list(evidence.studies.values())
    if options.indication:
        studies = list(evidence.of(options.indication))
        if not studies:
            names = dict.fromkeys(code for one in evidence.studies.values() for code in one.indications)
            raise Refused(
                N_("There is no evidence on {indication}. Use one of: {names}."),
                field="indication",
                indication=options.indication,
                names=", ".join(sorted(names)),
            )
    outcomes = {
        code: questions(code, evidence)
        for code in dict.fromkeys(code for one in studies for code in one.indications)
        if options.indication in (None, code)
    }
    if options.json:
        _print({"studies": [study_data(one, evidence) for one in studies], "outcomes": outcomes})
        return 0
    for one in studies:
        compared = "/".join(dict.fromkeys(arm.comparator for arm in one.arms if arm.comparator)) or "none"
        people = "-" if one.n is None else f"n={one.n}"
        print(f"{one.code:8} {one.certainty:3} {people:8} {compared:15} {', '.join(one.indications):32} {one.citation}")
    if options.indication:
        print("can be pooled: " + (", ".join(outcomes[options.indication]) or "nothing"))
    return 0


def _show(options: argparse.Namespace) -> int:
    evidence = load_evidence()
    study = evidence.study(options.study)
    data = study_data(study, evidence)
    lines = used_by(study)
    if options.json:
        used = [{"kind": one.kind, "code": one.code, "path": one.path, "text": one.text} for one in lines]
        _print(data | {"used_by": used})
        return 0
    print(f"{study.code}  {study.citation}")
    design = evidence.vocabulary.designs[study.design].label
    print(f"{design}. {study.population}. Certainty {study.certainty}.")
    for risk in study.risks:
        print(f"  caution: {evidence.vocabulary.risks[risk].plain}")
    for row in data.get("rows", ()):
        print(f"  {row['text']} ({row['certainty']})")
        if "correction" in row:
            print(f"    printed {row['correction']['printed']}; used {row['correction']['used']}")
            print(f"    {row['correction']['why']}")
    for one in lines:
        print(f"  used by {one.kind} {one.code}: {one.path} {one.text}".rstrip())
    return 0


def _pool(options: argparse.Namespace) -> int:
    if not 0.5 <= options.level < 1:
        raise Refused(N_("the level must lie between 0.5 and 1"), field="level")
    evidence = load_evidence()
    pooled = pool(
        options.indication,
        options.outcome,
        comparator=options.comparator,
        measure=options.measure,
        definition=options.definition,
        method=options.method,
        level=options.level,
        evidence=evidence,
    )
    if options.json:
        _print(as_data(pooled, evidence))
        return 0
    for row in as_data(pooled, evidence)["forest"]["rows"]:
        name = row["label"] or row["kind"]
        print(f"{name:12} {row['treated']:>8} {row['control']:>8}  {row['text']:28} {row['weight']:>7} {row['kind']}")
    for sentence in staff_text(pooled, evidence):
        print(sentence)
    return 0


def _summary(options: argparse.Namespace) -> int:
    for sentence in plain_summary(options.indication).sentences():
        print(sentence)
    return 0


def _check(options: argparse.Namespace) -> int:
    """Every file is read before anything is said to be fine. Exit status 2 when one does not fit."""
    wrong = 0
    for name in options.files:
        try:
            text = Path(name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise Refused(N_("the file cannot be read: {error}"), field="file", error=error) from error
        try:
            study = parse_study(text, file=name)
        except Refused as refused:
            wrong += 1
            print(refused)
        else:
            print(f"{name}: fits ({study.code}, {len(study.rows)} rows)")
    return 2 if wrong else 0


def _print(data: object) -> None:
    print(json.dumps(data, indent=2, ensure_ascii=False, default=str))
