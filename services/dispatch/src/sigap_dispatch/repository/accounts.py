"""Accounts of the built-in issuer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select, update

from sigap_common.database import insert_if_new
from sigap_common.messaging.transaction import Transaction
from sigap_dispatch.models import accounts as t


@dataclass(frozen=True, slots=True)
class Account:
    """`password_hash`: argon2id, in the form of the reference implementation."""

    username: str
    password_hash: str
    name: str | None
    roles: tuple[str, ...]
    regencies: tuple[str, ...]
    agency: str | None
    disabled: bool
    created_at: datetime


class Accounts:
    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx

    async def find(self, username: str) -> Account | None:
        row = (await self._tx.connection.execute(select(t).where(t.c.username == username))).first()
        return _account(row) if row else None

    async def all(self) -> list[Account]:
        """By name."""
        return [_account(row) for row in await self._tx.connection.execute(select(t).order_by(t.c.username))]

    async def add(self, account: Account) -> bool:
        """False if the name is taken."""
        row = {name: getattr(account, name) for name in Account.__dataclass_fields__}
        statement = insert_if_new(t).values(row)
        return bool((await self._tx.connection.execute(statement)).rowcount)

    async def disable(self, username: str, *, disabled: bool) -> bool:
        """False for a name that there is not."""
        statement = update(t).where(t.c.username == username).values(disabled=disabled)
        return bool((await self._tx.connection.execute(statement)).rowcount)

    async def give_password(self, username: str, password_hash: str) -> bool:
        """False for a name that there is not."""
        statement = update(t).where(t.c.username == username).values(password_hash=password_hash)
        return bool((await self._tx.connection.execute(statement)).rowcount)

    async def remove(self, username: str) -> bool:
        """False for a name that there is not."""
        return bool((await self._tx.connection.execute(delete(t).where(t.c.username == username))).rowcount)


def _account(row: Row[Any]) -> Account:
    lists = {"roles": tuple(row.roles), "regencies": tuple(row.regencies)}
    return Account(**{name: lists.get(name, getattr(row, name)) for name in Account.__dataclass_fields__})
