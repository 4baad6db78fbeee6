"""Accounts of the built-in issuer."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from sigap_common.db import insert_if_new
from sigap_common.transaction import Transaction
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
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def find(self, username: str) -> Account | None:
        row = (await self._tx.connection.execute(select(t).where(t.c.username == username))).first()
        if row is None:
            return None
        lists = {"roles": tuple(row.roles), "regencies": tuple(row.regencies)}
        return Account(**{name: lists.get(name, getattr(row, name)) for name in Account.__dataclass_fields__})

    async def add(self, account: Account) -> bool:
        """False if the name is taken."""
        row = {name: getattr(account, name) for name in Account.__dataclass_fields__}
        statement = insert_if_new(t).values(row)
        return bool((await self._tx.connection.execute(statement)).rowcount)
