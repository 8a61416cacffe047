"""The command line: `outpatient init | serve | worker | migrate | seed | rebuild-figures | routes`."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Annotated, Any, TypeVar

import asyncpg
import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table
from sqlalchemy import make_url, select, text
from sqlalchemy.exc import ArgumentError, DBAPIError
from typer import Option

from outpatient.asking import Trouble, asked, chosen_password, good_email, good_phone, known_zone
from outpatient.core.database import Database, Tx
from outpatient.core.errors import Problem
from outpatient.core.logs import configure_logs
from outpatient.models import User
from outpatient.settings import Settings, load_settings

T = TypeVar("T")
SIGN_INS = Path("var/seed/credentials.json")

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)
cli = typer.Typer(
    help="The software a clinic runs its day on.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


# ── commands ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@cli.command()
def serve(
    host: Annotated[str | None, Option(help="address to listen on [default: HOST]")] = None,
    port: Annotated[int | None, Option(help="port to listen on [default: PORT]", min=0, max=65535)] = None,
) -> None:
    """Serve the API, with the worker inside unless WORKER_IN_SERVE is false."""
    settings = _settings()
    host, port = host or settings.host, settings.port if port is None else port
    _check_schema(settings)
    _check_folders(settings)
    from outpatient.app import create_app  # here: it takes a second, and nobody waits a second to be refused
    from outpatient.http.server import Server, listen

    program = create_app(settings.model_copy(update={"host": host, "port": port}))  # links lead to where it listens
    try:
        listener = listen(host, port)  # last: whoever is let in is served
    except OSError as failure:
        raise Trouble(_why_not_listening(failure, host, port)) from None
    address = f"http://{_shown(host)}:{listener.getsockname()[1]}"
    out.print(f"Outpatient is at [bold]{address}[/bold] (the API: {address}/docs). Ctrl-C stops it.")
    if not settings.in_production:
        _show_sign_ins(settings)
    signal.signal(signal.SIGTERM, lambda *_: None)  # uvicorn raises it again after a good end; that end is no failure
    with suppress(KeyboardInterrupt):
        Server(program, program.stopping).run([listener])
    out.print("Outpatient has stopped.")


@cli.command()
def worker() -> None:
    """Run the outbox relay and the sweeps alone, beside a `serve` with WORKER_IN_SERVE=false, until told to stop."""
    settings = _settings()
    _check_schema(settings)
    _check_folders(settings)
    from outpatient.app import create_app

    async def work() -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        program = create_app(settings, with_worker=False)
        program.worker.share = 1.0
        async with program.open(run_worker=True):
            out.print("The worker runs: messages go out, sweeps are made. Ctrl-C stops it.")
            await stop.wait()

    asyncio.run(work())
    out.print("The worker has stopped.")


@cli.command()
def migrate() -> None:
    """Bring the database to the newest schema; safe to repeat."""
    from outpatient.core.migrations import migrate as apply
    from outpatient.core.migrations import newest_migration

    settings = _settings()
    newest, before = newest_migration(), _schema(settings)
    if before == newest:
        out.print(f"The database is up to date (schema {newest}).")
        return
    with out.status(f"Bringing {_database_name(settings)} to schema {newest} …"):
        apply(settings.store_url)
    out.print(f"{_database_name(settings)}: schema {before or 'none'} → {newest}")


@cli.command()
def init(
    hospital: Annotated[str, Option(help="the hospital's name")] = "",
    name: Annotated[str, Option(help="your full name")] = "",
    phone: Annotated[str, Option(help="your phone number; you sign in with it")] = "",
    email: Annotated[str, Option(help="your e-mail address")] = "",
    time_zone: Annotated[str, Option(help="the hospital's time zone, such as Asia/Kolkata")] = "",
    *,
    superadmin: Annotated[bool, Option("--superadmin", help="make an owner of the platform instead")] = False,
) -> None:
    """Open the first hospital with its ADMIN (password: OUTPATIENT_PASSWORD, else asked for, else made up)."""
    from outpatient import opening

    settings = _settings()
    _check_schema(settings)
    _in_transaction(settings, opening.refuse_second_owner if superadmin else opening.refuse_second_hospital)
    if not superadmin:
        hospital = asked(hospital, "hospital", "Name of the hospital")
        time_zone = known_zone(asked(time_zone, "time-zone", "Its time zone", "Asia/Kolkata"))
    name = asked(name, "name", "Your full name")
    phone = good_phone(asked(phone, "phone", "Your phone number"), settings.default_region)
    email = good_email(asked(email, "email", "Your e-mail address"))
    password, is_made_up = chosen_password()
    person = opening.FirstPerson(name, phone, email, password)

    async def open_it(tx: Tx) -> str | None:
        if superadmin:
            return (await opening.open_platform(tx, person)).username
        return (await opening.open_first_hospital(tx, person, name=hospital, time_zone=time_zone))[0].username

    with out.status("Opening …"):
        username = _in_transaction(settings, open_it)
    out.print(f"Done: {name} is {'SUPERADMIN of this platform' if superadmin else f'ADMIN of {hospital}'}.")
    out.print(f"Sign in with the phone number, or with the user name [bold]{username}[/bold], and your password.")
    if is_made_up:
        out.print(f"The password is [bold]{password}[/bold] (shown this once: write it down).", soft_wrap=True)


@cli.command()
def seed(
    folder: Annotated[Path, Option("--out", help="where the report and the sign-ins are written")] = SIGN_INS.parent,
    *,
    if_empty: Annotated[bool, Option("--if-empty", help="a database with data is fine: leave it as it is")] = False,
) -> None:
    """Fill an empty database with a made-up clinic: clinicians, patients, appointments and one sign-in per role."""
    from outpatient.opening import is_empty

    settings = _settings()
    if settings.in_production:
        if if_empty:
            return
        raise Trouble("This is production: no made-up people here. `outpatient init` opens a real hospital.")
    _check_schema(settings)
    if not _in_transaction(settings, is_empty):
        if not if_empty:
            raise Trouble("There is data already, and it stays untouched. Made-up people need an empty database.")
        out.print("The database has its data already.")
        _show_sign_ins(settings)
        return
    from outpatient.seeding import seed_clinic, write_files

    seeded = _run(seed_clinic(settings, out))
    write_files(seeded, folder)
    _show_table(seeded.credentials)
    out.print(f"{seeded.summary} Sign-ins and report: {folder}")


@cli.command()
def rebuild_figures() -> None:
    """Count every figure of the analytics anew, while the clinic works; needed after a centre's time zone changed."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from outpatient.analytics.actions import rebuild_figures as rebuild

    settings = _settings()
    _check_schema(settings)

    async def count() -> int:
        bar = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        async with _opened(settings) as database:
            with Progress(*bar, console=out, transient=True) as progress:
                task = progress.add_task("Counting", total=None)
                return await rebuild(
                    database,
                    planned=lambda steps: progress.update(task, total=steps),
                    taken=lambda: progress.advance(task),
                )

    steps = _run(count())
    out.print(f"All figures are counted anew, in {steps} steps.")


@cli.command()
def routes() -> None:
    """List every endpoint: method, path, function, permission."""
    from outpatient.app import create_api
    from outpatient.compat.surface import create_compat
    from outpatient.http.inventory import list_endpoints

    table = Table("Method", "Path", "Function", "Permission", box=None, pad_edge=False)
    surfaces = {"/api/v1": create_api(Settings(_env_file=None)), "": create_compat()}
    endpoints = [(prefix, endpoint) for prefix, app in surfaces.items() for endpoint in list_endpoints(app)]
    for prefix, endpoint in endpoints:
        table.add_row(endpoint.method, prefix + endpoint.path, endpoint.function, endpoint.permission or "public")
    (out if out.is_terminal else Console(width=200, highlight=False)).print(table)
    out.print(f"{len(endpoints)} endpoints")


# ── what is checked before the start ─────────────────────────────────────────────────────────────────────────────────


def _settings() -> Settings:
    try:
        settings = load_settings()
    except ValidationError as invalid:
        lines = [f"- {'.'.join(map(str, error['loc'])).upper()}: {error['msg']}" for error in invalid.errors()]
        raise Trouble("These settings cannot be used:\n" + "\n".join(lines)) from None
    configure_logs(in_production=settings.in_production)
    return settings


def _schema(settings: Settings) -> str | None:
    """What the database is at, None when it is empty (Trouble: it does not answer)."""
    from outpatient.core.stores import opened

    async def look() -> str | None:
        async with opened(settings.store_url) as store, store.reads.connect() as connection:
            try:
                found: str | None = (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar()
            except DBAPIError:
                return None  # it answers, and has no such table
            return found

    return _run_on_database(look(), settings)


def _check_schema(settings: Settings) -> None:
    from outpatient.core.migrations import newest_migration

    schema, newest = _schema(settings), newest_migration()
    if schema != newest:
        has = f"has schema {schema}" if schema else "has no tables yet"
        raise Trouble(f"{_database_name(settings)} {has}; this program needs {newest}. Run: outpatient migrate")


def _check_folders(settings: Settings) -> None:
    for variable, folder in (("OUTBOX_DIR", settings.outbox_dir), ("UPLOAD_DIR", settings.upload_dir)):
        probe = folder / ".writable"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as failure:
            raise Trouble(
                f"{folder} cannot be written to ({failure.strerror}). Allow it, or set {variable} to another folder."
            ) from None


def _run_on_database(work: Coroutine[Any, Any, T], settings: Settings) -> T:
    try:
        return asyncio.run(work)
    except (ArgumentError, ValueError) as failure:
        raise Trouble(f"DATABASE_URL cannot be used: {failure}") from None
    except (OSError, DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError) as failure:
        cause = getattr(failure, "orig", None) or failure
        raise Trouble(
            f"{_database_name(settings)} cannot be reached ({_reason(cause)}). "
            "Is it running, and is DATABASE_URL (or DB_HOST …) right?"
        ) from None


def _run(work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    except Problem as problem:
        details = "".join(f" {field}: {why}." for field, why in problem.details.items())
        raise Trouble(f"{problem.text}.{details}".replace("..", ".")) from None


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Database]:
    """The database alone: to put the whole program together takes seconds."""
    from outpatient.core.clock import Clock
    from outpatient.core.stores import open_store
    from outpatient.reactions import REACTIONS

    database = Database(open_store(settings.store_url), Clock(), REACTIONS)
    try:
        yield database
    finally:
        await database.close()


def _in_transaction(settings: Settings, work: Callable[[Tx], Awaitable[T]]) -> T:
    """Do something in a transaction of its own."""

    async def do() -> T:
        async with _opened(settings) as database, database.transaction() as tx:
            return await work(tx)

    return _run(do())


def _reason(failure: BaseException) -> str:
    return str(failure).strip().partition("\n")[0].rstrip(".") or type(failure).__name__


def _database_name(settings: Settings) -> str:
    url = make_url(settings.store_url)
    return f"The database {url.database}" + (f" at {url.host}:{url.port or 5432}" if url.host else "")


def _why_not_listening(failure: OSError, host: str, port: int) -> str:
    import errno

    if failure.errno == errno.EADDRINUSE:
        return f"Port {port} is taken: something else listens there. Stop it, or choose another: PORT={port + 1}"
    if failure.errno == errno.EACCES:
        return f"Port {port} is not ours to take (below 1024 needs rights). Choose another, such as PORT=8000"
    return f"{host}:{port} is not an address of this machine ({failure.strerror}). HOST=127.0.0.1 always is."


def _shown(host: str) -> str:
    return "localhost" if host in ("0.0.0.0", "::", "127.0.0.1") else f"[{host}]" if ":" in host else host  # noqa: S104


# ── what is shown ────────────────────────────────────────────────────────────────────────────────────────────────────


def _show_sign_ins(settings: Settings) -> None:
    """The demo's sign-ins, when this database is the demo."""
    try:
        credentials: list[dict[str, str]] = json.loads(SIGN_INS.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    from outpatient.core.stores import opened

    async def are_here() -> bool:
        async with opened(settings.store_url) as store, store.reads.connect() as connection:
            emails = [entry["email"] for entry in credentials]
            found = (await connection.execute(select(User.email).where(User.email.in_(emails)))).scalars().all()
            return set(found) == set(emails)

    is_demo = asyncio.run(are_here())
    if credentials and is_demo:
        _show_table(credentials)


def _show_table(credentials: list[dict[str, str]]) -> None:
    table = Table("Role", "User name", "Phone", "Password", box=None, title_justify="left", pad_edge=False)
    table.title = "Made-up people to sign in as (e-mail: user name @clinic.com)"
    for entry in credentials:
        table.add_row(entry["role"], entry["username"], entry["phone"], entry["password"])
    out.print(table)


def main() -> None:
    """Run a command; what goes wrong is said in a sentence."""
    try:
        cli()
    except Trouble as trouble:
        err.print(str(trouble), style="red", markup=False, soft_wrap=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
