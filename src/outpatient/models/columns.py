"""The columns that every table is made of, and the tenant wall between their rows."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Dialect,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

BigId = BigInteger().with_variant(Integer, "sqlite")
Json = JSON().with_variant(JSONB, "postgresql")


def instant_to_text(instant: datetime) -> str:
    """How SQLite keeps an instant: fixed-width UTC text, so that text order is time order."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def text_to_instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant: `timestamptz` on PostgreSQL, fixed-width text on SQLite."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        wide = dialect.name == "postgresql"
        return dialect.type_descriptor(TIMESTAMP(timezone=True) if wide else String(27))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("an instant without a zone")
        return value.astimezone(UTC) if dialect.name == "postgresql" else instant_to_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None or isinstance(value, datetime):
            return value.astimezone(UTC) if value is not None else None
        return text_to_instant(value)


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {int: BigId, datetime: Instant(), dict[str, Any]: Json, list[str]: Json}


def term(vocabulary: type[StrEnum]) -> Enum:
    """A column of one of `core.terms`, kept as text with a CHECK."""
    return Enum(
        vocabulary,
        native_enum=False,
        create_constraint=True,
        length=24,
        name=vocabulary.__name__.lower(),
        values_callable=lambda members: [member.value for member in members],
    )


class Row(Base):
    """A row with an id that is never used twice."""

    __abstract__ = True
    __table_args__: Any = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)


class HospitalRow(Row):
    """A row of one hospital, tied to it through the rows it belongs to.

    Their keys name both ids, so no row can point across the wall. (A key straight to `hospitals` would lock one hot row
    in every booking.)
    """

    __abstract__ = True

    hospital_id: Mapped[int]


class HospitalRoot(HospitalRow):
    """A row that belongs to its hospital and to nothing else."""

    __abstract__ = True

    hospital_id: Mapped[int] = mapped_column(ForeignKey("hospitals.id"))


def in_hospital(*constraints: Any) -> tuple[Any, ...]:
    """Table arguments of a hospital's table: its wall-safe key, and what else it needs."""
    return (UniqueConstraint("hospital_id", "id"), *constraints, {"sqlite_autoincrement": True})


def only_where(name: str, columns: str, condition: str, *, unique: bool = False) -> Index:
    """An index (`"clinician_id, position"`) of the rows that meet a condition: small, and idle for all others."""
    where = text(condition)
    return Index(name, *columns.split(", "), unique=unique, sqlite_where=where, postgresql_where=where)


def belongs_to(table: str, column: str) -> ForeignKeyConstraint:
    """`column` names a row of `table` in the same hospital."""
    return ForeignKeyConstraint(["hospital_id", column], [f"{table}.hospital_id", f"{table}.id"])
