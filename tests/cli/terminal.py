"""Runs `outpatient` as somebody at a terminal does: another process, an own folder, no settings but the given ones."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src"


@dataclass
class Said:
    code: int
    out: str
    err: str

    @property
    def all(self) -> str:
        return self.out + self.err


@dataclass
class Terminal:
    """One folder with one database."""

    folder: Path
    database_url: str = ""

    def environment(self, **settings: str) -> dict[str, str]:
        own = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE), "PYTHONUTF8": "1", "COLUMNS": "200"}
        if self.database_url:
            own["DATABASE_URL"] = self.database_url
        return {**own, **settings}

    def run(self, *arguments: str, **settings: str) -> Said:
        """`outpatient …` to its end, nobody at the keyboard."""
        ended = subprocess.run(
            [sys.executable, "-m", "outpatient", *arguments],
            cwd=self.folder,
            env=self.environment(**settings),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=180,
        )
        said = Said(ended.returncode, ended.stdout, ended.stderr)
        assert "Traceback" not in said.all, said.all
        return said
