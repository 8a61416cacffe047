"""Figures over HTTP: seed 001 `/analytics`, an export, and seed 004's statistics of a doctor."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission as P
from outpatient.analytics.queries import figures
from outpatient.analytics.queries.figures import GroupBy, Scope
from outpatient.analytics.rules import SOURCE_LABELS, Period, by_day, first_day, percentages, to_csv
from outpatient.analytics.schemas import Dashboard, DoctorPeriod, DoctorStats, LeadSource, Revenue, TopDoctor
from outpatient.core.database import Tx
from outpatient.core.days import Days
from outpatient.core.errors import Invalid
from outpatient.core.money import to_major
from outpatient.core.paging import MAX_LIMIT
from outpatient.core.terms import BookingSource
from outpatient.http.days import in_order
from outpatient.http.dependencies import Reading, Writing, allow, id_named
from outpatient.http.schema import Day, Envelope, PathId, answer

router = APIRouter()

MOST_DAYS = 366
BOM = "\ufeff"  # without it spreadsheets take UTF-8 for something else

Reads = Annotated[Actor, allow(P.ANALYTICS_READ)]
CentreId = Annotated[int | None, id_named("centreId")]
From = Annotated[Day | None, Query(alias="from", description="the first day")]
To = Annotated[Day | None, Query(description="the last day")]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
Report = Literal["revenue", "appointments", "leads"]


def days_of(first_on: date | None, last_on: date | None) -> Days:
    """The days that were named, if any (Invalid: the last is before the first)."""
    return in_order(Days(first_on, last_on), "from", "to")


def span_of(scope: Scope, period: Period, first_on: date | None, last_on: date | None) -> tuple[date, date]:
    """The present period so far, or the days that were named (Invalid: too many, or in the wrong order)."""
    last_on = last_on or max(scope.today, first_on or scope.today)
    first_on = first_on or first_day(period, last_on)
    days_of(first_on, last_on)
    if last_on - first_on >= timedelta(days=MOST_DAYS):
        raise Invalid.field("to", f"Must be at most {MOST_DAYS} days, the first one too, after `from`")
    return first_on, last_on


@router.get("/analytics/dashboard", tags=["Analytics"])
async def get_dashboard(
    actor: Reads, tx: Reading, centre_id: CentreId = None, from_: From = None, to: To = None
) -> Envelope[Dashboard]:
    days = days_of(from_, to)
    scope = await figures.get_scope(tx, actor, centre_id)
    return answer(Dashboard.model_validate(await figures.get_dashboard(tx, scope, days)))


@router.get("/analytics/top-doctors", tags=["Analytics"])
async def list_top_doctors(
    actor: Reads, tx: Reading, limit: Limit = 10, centre_id: CentreId = None, from_: From = None, to: To = None
) -> Envelope[list[TopDoctor]]:
    days = days_of(from_, to)
    scope = await figures.get_scope(tx, actor, centre_id)
    rows = await figures.list_top_clinicians(tx, scope, days, limit)
    return answer([TopDoctor.model_validate(row) for row in rows])


@router.get("/analytics/revenue", tags=["Analytics"])
async def get_revenue(
    actor: Reads,
    tx: Reading,
    period: Period = "month",
    centre_id: CentreId = None,
    from_: From = None,
    to: To = None,
) -> Envelope[Revenue]:
    """The present period so far, in the zone of the centre (or hospital); or the days that are named."""
    scope = await figures.get_scope(tx, actor, centre_id)
    span = span_of(scope, period, from_, to)
    found = by_day(await figures.list_revenue(tx, scope, Days(*span)), *span)
    return answer(
        Revenue.model_validate(
            {
                "period": period,
                "total_revenue": sum(revenue for _, revenue in found),
                "revenue_by_date": [{"date": day, "revenue": revenue} for day, revenue in found],
            }
        )
    )


@router.get("/analytics/leads-by-source", tags=["Analytics"])
async def list_leads_by_source(
    actor: Reads, tx: Reading, centre_id: CentreId = None, from_: From = None, to: To = None
) -> Envelope[list[LeadSource]]:
    """How patients came first, the commonest way first."""
    days = days_of(from_, to)
    counted = await figures.count_leads(tx, await figures.get_scope(tx, actor, centre_id), days)
    sources = sorted((source for source in SOURCE_LABELS if source in counted), key=lambda one: -counted[one])
    shares = percentages([counted[source] for source in sources])
    return answer(
        [
            LeadSource(source=SOURCE_LABELS[source], count=counted[source], percentage=share)
            for source, share in zip(sources, shares, strict=True)
        ]
    )


@router.get(
    "/analytics/export.csv",
    tags=["Analytics"],
    response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "The report"}},
)
async def export_figures(
    actor: Reads, tx: Writing, report: Report, centre_id: CentreId = None, from_: From = None, to: To = None
) -> Response:
    """A report as a spreadsheet opens it: UTF-8 with its mark, and no cell that could be taken for a formula.

    This month so far, or the days that are named, at most 366. The audit says who took it.
    """
    scope = await figures.get_scope(tx, actor, centre_id)
    first_on, last_on = span_of(scope, "month", from_, to)
    titles, rows = await _report(tx, report, scope, Days(first_on, last_on))
    tx.audit(f"analytics.exported_{report}", "hospital", actor.hospital_id, hospital_id=actor.hospital_id, by=actor)
    return Response(
        BOM + to_csv(titles, rows),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{report}-{first_on}-{last_on}.csv"'},
    )


async def _report(tx: Tx, report: Report, scope: Scope, days: Days) -> tuple[Sequence[str], Iterable[Sequence[Any]]]:
    if report == "leads":
        leads = await figures.list_daily_leads(tx, scope, days)
        return ("Date", "Centre", "Source", "Patients"), (
            (day, centre or "", SOURCE_LABELS[BookingSource(source)], patients)
            for day, centre, source, patients in leads
        )
    rows = await figures.list_daily_figures(tx, scope, days)
    if report == "revenue":
        return ("Date", "Centre", "Clinician", "Revenue"), (
            (one.day, centre, clinician or "", to_major(one.revenue_minor))
            for one, centre, clinician in rows
            if one.revenue_minor
        )
    statuses = ("pending", "confirmed", "checked_in", "completed", "cancelled", "no_show", "walk_ins", "follow_ups")
    titles = ("Pending", "Confirmed", "Checked in", "Completed", "Cancelled", "No-show", "Walk-ins", "Follow-ups")
    return ("Date", "Centre", "Clinician", *titles), (
        (one.day, centre, clinician or "", *counts)
        for one, centre, clinician in rows
        if any(counts := [getattr(one, status) for status in statuses])
    )


@router.get("/appointments/stats/doctor/{clinician_id:int}", tags=["Appointments"])
async def get_doctor_stats(
    clinician_id: PathId,
    actor: Annotated[Actor, allow(P.APPOINTMENTS_STATISTICS)],
    tx: Reading,
    group_by: Annotated[GroupBy, Query(alias="groupBy")] = "month",
    limit: Limit = 10,
) -> Envelope[DoctorStats]:
    """A clinician's appointments by month or day and by what became of them; `confirmed` has come or said he will."""
    total, rows = await figures.list_doctor_stats(tx, actor, clinician_id, group_by, limit)
    stats = [DoctorPeriod.model_validate(row) for row in rows]
    return answer(DoctorStats(doctor_id=clinician_id, total_appointments=total, stats=stats))
