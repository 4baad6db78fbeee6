"""Accounts of the built-in issuer."""

from typing import Any

from sqlalchemy import delete, update
from sqlmodel import col, select

from sigap_common.database import insert_if_new
from sigap_common.database.table_models import read_all, read_one
from sigap_common.messaging.transaction import Transaction
from sigap_dispatch.models import Account


class Accounts:
    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx

    async def find(self, username: str) -> Account | None:
        return await read_one(self._tx.connection, select(Account).where(col(Account.username) == username))

    async def all(self) -> list[Account]:
        """All accounts, in the order of their names."""
        return await read_all(self._tx.connection, select(Account).order_by(col(Account.username)))

    async def add(self, account: Account) -> bool:
        """Adds an account. Returns False if the name is taken."""
        statement = insert_if_new(Account.table()).values(account.values())
        return bool((await self._tx.connection.execute(statement)).rowcount)

    async def disable(self, username: str, *, disabled: bool) -> bool:
        """Disables or enables an account. Returns False if the name is unknown."""
        statement = update(Account).where(col(Account.username) == username).values(disabled=disabled)
        return bool((await self._tx.connection.execute(statement)).rowcount)

    async def give_password(self, username: str, password_hash: str) -> bool:
        """Replaces the password of an account. Returns False if the name is unknown."""
        statement = update(Account).where(col(Account.username) == username).values(password_hash=password_hash)
        return bool((await self._tx.connection.execute(statement)).rowcount)

    async def remove(self, username: str) -> bool:
        """Deletes an account. Returns False if the name is unknown."""
        statement = delete(Account).where(col(Account.username) == username)
        return bool((await self._tx.connection.execute(statement)).rowcount)
