"""Within how many hours a case is due, by urgency. What a division may decide for itself."""

from collections.abc import Mapping

from domain.cases.states import CaseUrgency
from domain.core.policy import Policy

DUE_HOURS: Mapping[CaseUrgency, Policy[int]] = {
    CaseUrgency.NORMAL: Policy("cases.due_hours", 72, "Hours within which a case is due."),
    CaseUrgency.URGENT: Policy("cases.due_hours_urgent", 24, "Hours within which an urgent case is due."),
    CaseUrgency.CRISIS: Policy("cases.due_hours_crisis", 1, "Hours within which a crisis is due."),
}
HOTLINE = Policy("cases.hotline", "12355", "The number that somebody in a crisis is told to call.")
