"""What certificates of service say, kept beside them so that corrections are seen."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from domain.core import columns


class ServiceCertificateRow(SQLModel, table=True):
    """The numbers of one certificate: the minutes served from one day to another, and the stars at that time."""

    __tablename__ = "volunteering_certificate"
    __table_args__ = (
        columns.check("ends_after_it_begins", "until_on >= since_on"),
        columns.check("of_some_service", "minutes >= 1"),
        columns.check("stars_in_range", "stars BETWEEN 0 AND 5"),
        sa.Index("volunteering_certificate_of_volunteer", "volunteer_id"),
    )

    certificate_id: UUID = columns.refers_to("certificates_certificate.id", primary_key=True)
    volunteer_id: UUID = columns.refers_to("accounts_youth.id")
    since_on: date
    until_on: date
    minutes: int
    stars: int = Field(sa_type=sa.SmallInteger)
