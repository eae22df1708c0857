"""Read the environment, once: the only place that does, and the only clock that is not a test's."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment, aware, UTC."""
        return datetime.now(UTC)


class Settings(BaseSettings):
    """Everything an operator may set, as FOLLOWTHROUGH_<NAME> in the environment; docs/settings.md lists them."""

    model_config = SettingsConfigDict(env_prefix="FOLLOWTHROUGH_", extra="ignore")

    home: Path = Field(
        default_factory=lambda: Path.home() / ".followthrough", description="Folder of database and key file"
    )
    database: str = Field(default="", description="Database URL; empty: SQLite in the home folder")
    keys: SecretStr = Field(default=SecretStr(""), description="Encryption keys, comma separated, newest first")
    host: str = Field(default="127.0.0.1", description="Address to listen on")
    port: int = Field(default=8080, ge=0, le=65535, description="Port to listen on; 0: any free one")
    public_url: str = Field(default="", description="How the helpdesk reaches us, for the addresses we print")
    trusted_proxy: str = Field(
        default="", description="Address of the reverse proxy whose X-Forwarded-For and -Proto are believed"
    )
    threads: int = Field(default=64, ge=1, le=512, description="Requests answered at the same time")
    workers: int = Field(default=4, ge=0, le=64, description="Jobs done at the same time in this process; 0: none")
    quiet_seconds: float = Field(default=3.0, ge=0, description="Doorbells of a ticket within this time are one fetch")
    lease_seconds: float = Field(default=300.0, gt=0, description="How long a worker may hold a job")
    sweep_seconds: float = Field(default=15.0, gt=0, le=60, description="How often promises falling due are looked for")
    reconcile_seconds: float = Field(default=180.0, ge=0, description="How often to look for missed changes; 0: never")
    max_attempts: int = Field(default=10, ge=1, description="Tries before a job is buried and shown")
    keep_days: int = Field(default=90, ge=1, description="Days after which what webhooks said is emptied")
    notes_per_day: int = Field(default=2, ge=0, description="Notes at most on one ticket within 24 hours")
    notes_per_ticket: int = Field(default=5, ge=0, description="Notes at most on one ticket, ever")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", description="How much is logged")

    @property
    def database_url(self) -> str:
        """The database to open; makes the home folder for the default one."""
        if self.database:
            return self.database
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        return f"sqlite:///{self.home / 'followthrough.sqlite3'}"

    @property
    def key_list(self) -> list[str]:
        """Encryption keys, newest first; empty where the key file is to be used."""
        return [k.strip() for k in self.keys.get_secret_value().split(",") if k.strip()]
