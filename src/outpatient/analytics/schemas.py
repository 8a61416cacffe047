"""Figures on the wire: seed 001 Analytics, seed 004's statistics of a doctor."""

from datetime import date

from pydantic import Field

from outpatient.analytics.rules import Period
from outpatient.http.schema import MoneyOut, Schema


class Dashboard(Schema):
    """`GET /analytics/dashboard`. Totals are of all time, or of the days that were named."""

    total_patients: int
    total_doctors: int
    total_follow_ups: int
    total_revenue: MoneyOut
    appointments_today: int
    appointments_this_week: int
    appointments_this_month: int
    walk_ins_today: int


class TopDoctor(Schema):
    """One of those with the most appointments."""

    clinician_id: int
    clinician_name: str
    total_appointments: int
    total_revenue: MoneyOut
    average_rating: float | None = Field(description="of all his feedback, whatever days were named")


class RevenueOfDay(Schema):
    """What came in on a day, less what went back."""

    date: date
    revenue: MoneyOut


class Revenue(Schema):
    """`GET /analytics/revenue`: every day of the period so far."""

    period: Period
    total_revenue: MoneyOut
    revenue_by_date: list[RevenueOfDay]


class LeadSource(Schema):
    """How many patients came first by a source; the percentages of all sources sum to 100."""

    source: str
    count: int
    percentage: int


class DoctorPeriod(Schema):
    """A month or a day of a clinician's appointments, by what became of them."""

    period: str = Field(examples=["2026-03"])
    count: int
    scheduled: int
    confirmed: int
    completed: int
    cancelled: int
    no_show: int


class DoctorStats(Schema):
    """`GET /appointments/stats/doctor/{id}`: the newest period first."""

    doctor_id: int
    total_appointments: int
    stats: list[DoctorPeriod]
