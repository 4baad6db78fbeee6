"""Tables without a life cycle: one class is the table, and an instance of it a row with typed fields (SQLModel).

    class DispatchTable(TableModel, registry=registry(metadata=metadata)):
        pass

    class Account(DispatchTable, table=True):
        __tablename__ = "accounts"

        username: str = Field(primary_key=True)
        created_at: Moment

    found = await read_one(tx.connection, select(Account).where(col(Account.username) == "sari"))
    await tx.connection.execute(insert_if_new(Account.table()).values(found.values()))

Statements run on the transaction's own connection. There is no ORM session: it would begin and commit by itself, and
nothing here needs a graph of objects. So a changed field is not written until a statement says so. Which tables are of
this kind: ADR 0008.
"""

from datetime import datetime
from typing import Annotated, Any, Self, TypeVar

from sqlalchemy import Row, Table
from sqlalchemy import inspect as mapper_of
from sqlmodel import Field, SQLModel
from sqlmodel.sql.expression import SelectOfScalar

from sigap_common.database.engine import Connection
from sigap_common.database.types import Utc

Moment = Annotated[datetime, Field(sa_type=Utc)]
OptionalMoment = Annotated[datetime | None, Field(sa_type=Utc)]
"""Not `Moment | None`: SQLModel does not look for the column's type inside of a union."""


class TableModel(SQLModel):
    """The base of all such tables. Each service derives a class with a registry of its own, and its tables from that
    class, because services in one process have tables of the same names.
    """

    @classmethod
    def table(cls) -> Table:
        """The SQLAlchemy table, for writing statements and for lists."""
        table: Table = mapper_of(cls).local_table
        return table

    @classmethod
    def of_row(cls, row: Row[Any]) -> Self:
        """The instance of a row that has all columns."""
        return cls(**row._mapping)

    def values(self) -> dict[str, Any]:
        """The row's values by column, for an INSERT or an UPDATE."""
        return {name: getattr(self, name) for name in type(self).model_fields}


M = TypeVar("M", bound=TableModel)


async def read_one(connection: Connection, statement: SelectOfScalar[M]) -> M | None:
    """The first row that `select(Model)` finds."""
    row = (await connection.execute(statement)).first()
    return _model(statement).of_row(row) if row else None


async def read_all(connection: Connection, statement: SelectOfScalar[M]) -> list[M]:
    """All rows that `select(Model)` finds, in its order."""
    model = _model(statement)
    return [model.of_row(row) for row in await connection.execute(statement)]


def _model(statement: SelectOfScalar[M]) -> type[M]:
    model: type[M] = statement.column_descriptions[0]["entity"]
    return model
