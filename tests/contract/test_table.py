"""The table of tests: each of the 174 documented endpoints has one, which is there and calls it.

What is replayed is compared here; that the tests of the root call what they stand for, `tests/compat/conftest.py` sees.
"""

import ast
import csv
from pathlib import Path

import pytest

from outpatient.docs import CONTRACT, CONTRACT_TESTS, shape
from tests.contract.test_examples import EXAMPLES, STREAMS, TEXTS

HERE = "tests/contract/test_examples.py"
REPLAYED = {
    f"{HERE}::test_a_documented_call_is_answered_as_documented": EXAMPLES,
    f"{HERE}::test_a_documented_stream_opens": STREAMS,
    f"{HERE}::test_a_documented_text_is_done": TEXTS,
}


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


def names(row: dict[str, str]) -> tuple[str, str, str]:
    return row["seed"], row["method"], row["path"]


TESTS = rows(CONTRACT_TESTS)


def test_each_documented_endpoint_has_a_test():
    documented = [names(row) for row in rows(CONTRACT)]

    assert len(documented) == len(set(documented)) == 174
    assert [names(row) for row in TESTS] == documented


@pytest.mark.parametrize("row", TESTS, ids=lambda row: " ".join(names(row)))
def test_the_test_of_an_endpoint_is_there(row):
    file, _, function = row["test"].partition("::")
    tree = ast.parse((CONTRACT.parents[2] / file).read_text(encoding="utf-8"))

    assert function in {one.name for one in tree.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}


@pytest.mark.parametrize(
    "row", [row for row in TESTS if row["seed"] in {"001", "002", "004"}], ids=lambda row: row["path"]
)
def test_what_is_replayed_is_written_down(row):
    assert (row["seed"], row["method"], shape(row["path"])) in {example.key for example in REPLAYED[row["test"]]}


def test_nothing_is_replayed_that_no_document_asks_for():
    documented = {(row["seed"], row["method"], shape(row["path"])) for row in rows(CONTRACT)}

    assert {example.key for examples in REPLAYED.values() for example in examples} <= documented
