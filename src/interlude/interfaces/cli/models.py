"""`interlude models`: the published models, one of them with every number, or all of them on one regimen."""

from __future__ import annotations

import argparse

from interlude.interfaces.cli.modelling import compare, listing, page

USUAL_MG_PER_KG, USUAL_WEIGHT_KG = 0.5, 70.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(what="list", json=False)
    # Given before the word too: `interlude models --json` lists.
    parser.add_argument("--json", action="store_true", help="print JSON")
    parts = parser.add_subparsers(metavar="WHAT", dest="what")
    one = parts.add_parser("list", help="every model in one table (the default)")
    one.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print JSON")
    show = parts.add_parser("show", help="one model: every number with its unit, source and certainty")
    show.add_argument("name", metavar="NAME", help="a model's name or alias")
    show.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print JSON")
    _compare_arguments(parts.add_parser("compare", help="the levels of one regimen by every model that may be used"))


def _compare_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dose-mg-per-kg", type=float, default=USUAL_MG_PER_KG, metavar="DOSE", help="0.5")
    parser.add_argument("--minutes", type=float, default=None, help="how long it is given (iv 40, else at once)")
    parser.add_argument("--weight", type=float, default=USUAL_WEIGHT_KG, metavar="KG", help="70")
    parser.add_argument("--age", type=float, default=None, metavar="YEARS", help="an adult of unknown age")
    parser.add_argument("--route", default="iv", help="iv, im, sc, nasal, oral or sublingual")
    parser.add_argument("--models", metavar="A,B,C", help="these models only")
    parser.add_argument("--outside-population", action="store_true", help="also models made for others, by name")
    parser.add_argument("--plot", metavar="FILE", help="also draw the curves, as .svg or .png")
    parser.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print JSON")


def run(options: argparse.Namespace) -> int:
    if options.what == "show":
        return page.run(options)
    if options.what == "compare":
        return compare.run(options)
    return listing.run(options)
