"""The one place that reads the environment and .env; nothing else looks at os.environ.

Values in the environment win over `.env`. In development, secrets that nobody set are
made once and kept in `var/development.env`, so that `make run` needs no set-up; in
production every secret must be given.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet
from dotenv import dotenv_values

from bot.errors import SettingsError
from bot.periods import PERIODS, Periods, periods_from, variable
from bot.safe_settings import (
    fill_in_made_secrets,
    refuse_in_production,
    refuse_weak_secrets,
    with_files,
)
from bot.url_settings import (
    WEB,
    assistant_urls,
    database_url,
    networks,
    origins,
    page_url,
    public_url,
    rate,
    redis_url,
    slack_api_url,
    smtp_url,
    url,
)

ROOT = Path(__file__).resolve().parent.parent
SLACK_API_URL = "https://slack.com/api/"
MIN_TOKEN_LENGTH = 16
# The channels that the sandbox has for HR (bot/sandbox/seed.py).
SANDBOX_HR_CHANNEL = "C0HRQUEST01"
SANDBOX_HR_SENSITIVE_CHANNEL = "C0HRRELATE1"
SANDBOX_CLIENT = {"SLACK_CLIENT_ID": "sandbox", "SLACK_CLIENT_SECRET": "sandbox-client-secret"}


@dataclass(frozen=True)
class Variable:
    """One environment variable: its name, default and meaning, as shown in .env.example."""

    name: str
    default: str
    meaning: str


VARIABLES = (
    Variable("HRBOT_ENV", "development", "development or production"),
    Variable("DATABASE_URL", "", "SQLAlchemy URL; empty: the SQLite file var/hrbot.db"),
    Variable("REDIS_URL", "", "lock store when several assistants run, redis://…"),
    Variable("SLACK_BOT_TOKEN", "", "xoxb-…; empty: the local sandbox plays Slack"),
    Variable("SLACK_SIGNING_SECRET", "", "from the Slack app's Basic Information page"),
    Variable("SLACK_APP_TOKEN", "", "xapp-…; set it to use Socket Mode instead of HTTP"),
    Variable("SLACK_API_URL", SLACK_API_URL, "base URL of Slack's Web API, ends in /api/"),
    Variable("SLACK_HR_CHANNEL", "", "id of HR's channel, C… (the default queue)"),
    Variable("SLACK_HR_SENSITIVE_CHANNEL", "", "id of HR's channel for sensitive questions, C…"),
    Variable("SLACK_CLIENT_ID", "", "from the Slack app's Basic Information; HR signs in with it"),
    Variable("SLACK_CLIENT_SECRET", "", "the client secret beside it"),
    Variable("GATEWAY_HOST", "127.0.0.1", "where the gateway listens"),
    Variable("GATEWAY_PORT", "8080", "where the gateway listens"),
    Variable("ASSISTANT_URL", "http://127.0.0.1:5005", "assistants, private; several by commas"),
    Variable("ACTIONS_URL", "http://127.0.0.1:5055", "the action server, loopback or private"),
    Variable("SANDBOX_URL", "http://127.0.0.1:8090", "the local Slack double, loopback only"),
    Variable("INTERNAL_TOKEN", "", "secret between the processes; two, comma-separated, to rotate"),
    Variable("ENCRYPTION_KEY", "", "Fernet key for addresses and people"),
    Variable("METRICS_TOKEN", "", "bearer token for /metrics; empty: development, loopback only"),
    Variable("HOLDING_NOTICE_SECONDS", "4", "after this long a person hears “still looking”"),
    Variable("REPLY_DEADLINE_SECONDS", "90", "after this long they get an apology and an offer"),
    Variable("ANONYMOUS_WAY_BACK_DAYS", "14", "days after which a closed anonymous case forgets"),
    Variable("HIDDEN_DETAIL_DAYS", "14", "days after which a closed case's details are deleted"),
    Variable("REVIEW_REMINDER_DAYS", "14", "days before its check is due that an owner is told"),
    Variable("REVIEW_AFTER_DAYS", "365", "days after which an answer without a date is checked"),
    Variable(
        "QUIET_HOURS", "19:00-08:00", "when, by their own clock, nobody is reminded of anything"
    ),
    Variable("TELLING", "on", "on, or off: nobody is told of anything unasked"),
    Variable("DID_YOU_KNOW_DAYS", "1", "days between two “did you know” for one person"),
    Variable("DRAIN_SECONDS", "10", "how long a stopping gateway waits for what is under way"),
    Variable("WIDGET_ORIGINS", "", "pages that may embed the widget: https://…, comma-separated"),
    Variable("WIDGET_PAGE_URL", "", "page to which e-mails lead; empty: the gateway's /careers"),
    Variable("WIDGET_SESSION_DAYS", "30", "days of silence after which a browser forgets"),
    Variable("WIDGET_LINK_DAYS", "30", "days for which the link in an e-mail works"),
    Variable("WIDGET_SESSION_RATE", "20/minute;200/hour", "requests that one browser may make"),
    Variable("WIDGET_ADDRESS_RATE", "300/minute", "requests from one network address"),
    Variable("WIDGET_CASE_RATE", "3/hour;6/day", "questions that one conversation may send to HR"),
    Variable("WIDGET_ADDRESS_CASE_RATE", "20/hour;60/day", "the same, from one network address"),
    Variable("PUBLIC_URL", "", "where browsers reach the gateway, https://…; links lead there"),
    Variable("SMTP_URL", "", "mail server: smtp://user:password@host:587; empty: HR tells people"),
    Variable("TRUSTED_PROXIES", "", "addresses of proxies whose X-Forwarded-For is believed"),
    *(Variable(variable(kind), str(p.default), p.meaning) for kind, p in PERIODS.items()),
    Variable("LOG_LEVEL", "INFO", "DEBUG, INFO, WARNING or ERROR"),
    Variable("HRBOT_DATA_DIR", "", "folder with FAQs, programs, routing; empty: data/"),
    Variable("HRBOT_VAR_DIR", "", "folder for what is made at run time; empty: var/"),
)


@dataclass(frozen=True)
class Settings:
    """Everything that can be set, checked. Secrets don't appear in its repr."""

    production: bool
    database_url: str
    redis_url: str
    slack_bot_token: str
    slack_signing_secret: str
    slack_app_token: str
    slack_api_url: str
    slack_hr_channel: str
    slack_hr_sensitive_channel: str
    slack_client_id: str
    slack_client_secret: str
    gateway_host: str
    gateway_port: int
    assistant_urls: tuple[str, ...]
    actions_url: str
    sandbox_url: str
    sandbox: bool
    internal_tokens: tuple[str, ...]
    encryption_key: str
    metrics_tokens: tuple[str, ...]
    holding_notice_seconds: float
    reply_deadline_seconds: float
    anonymous_way_back_days: int
    hidden_detail_days: int
    review_reminder_days: int
    review_after_days: int
    did_you_know_days: int
    quiet_hours: tuple[int, int]
    telling: bool
    drain_seconds: float
    widget_origins: tuple[str, ...]
    widget_page_url: str
    widget_session_days: int
    widget_link_days: int
    widget_session_rate: str
    widget_address_rate: str
    widget_case_rate: str
    widget_address_case_rate: str
    public_url: str
    smtp_url: str
    trusted_proxies: tuple[str, ...]
    retention: Periods
    log_level: str
    data_dir: Path
    var_dir: Path

    def __repr__(self) -> str:
        """Name the environment only: settings hold secrets and are printed in tracebacks."""
        return f"Settings(production={self.production}, sandbox={self.sandbox})"

    @property
    def internal_token(self) -> str:
        """The token that this process signs with: the first of those accepted."""
        return self.internal_tokens[0]

    @property
    def assistant_url(self) -> str:
        """The first assistant: the one that is started where nothing else is said."""
        return self.assistant_urls[0]

    @property
    def report_url(self) -> str:
        """Where HR finds the report; empty where nobody can sign in to it."""
        return f"{self.public_url}/report" if self.slack_client_id and self.public_url else ""

    @property
    def hr_channels(self) -> dict[str, str]:
        """HR's channels by the words that data/routing.yml has for them."""
        return {"default": self.slack_hr_channel, "sensitive": self.slack_hr_sensitive_channel}

    @property
    def writes_to_candidates(self) -> bool:
        """Whether candidates can be told of something by e-mail, with links that they can open."""
        return bool(self.smtp_url and self.public_url)

    def environment(self) -> dict[str, str]:
        """Return the variables that make a child process read these same settings."""
        return {
            "HRBOT_ENV": "production" if self.production else "development",
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "SLACK_BOT_TOKEN": self.slack_bot_token,
            "SLACK_SIGNING_SECRET": self.slack_signing_secret,
            "SLACK_APP_TOKEN": self.slack_app_token,
            "SLACK_API_URL": self.slack_api_url,
            "SLACK_HR_CHANNEL": self.slack_hr_channel,
            "SLACK_HR_SENSITIVE_CHANNEL": self.slack_hr_sensitive_channel,
            "SLACK_CLIENT_ID": self.slack_client_id,
            "SLACK_CLIENT_SECRET": self.slack_client_secret,
            "GATEWAY_HOST": self.gateway_host,
            "GATEWAY_PORT": str(self.gateway_port),
            "ASSISTANT_URL": ",".join(self.assistant_urls),
            "ACTIONS_URL": self.actions_url,
            "SANDBOX_URL": self.sandbox_url,
            "INTERNAL_TOKEN": ",".join(self.internal_tokens),
            "ENCRYPTION_KEY": self.encryption_key,
            "METRICS_TOKEN": ",".join(self.metrics_tokens),
            "HOLDING_NOTICE_SECONDS": str(self.holding_notice_seconds),
            "REPLY_DEADLINE_SECONDS": str(self.reply_deadline_seconds),
            "ANONYMOUS_WAY_BACK_DAYS": str(self.anonymous_way_back_days),
            "HIDDEN_DETAIL_DAYS": str(self.hidden_detail_days),
            "REVIEW_REMINDER_DAYS": str(self.review_reminder_days),
            "REVIEW_AFTER_DAYS": str(self.review_after_days),
            "DID_YOU_KNOW_DAYS": str(self.did_you_know_days),
            "QUIET_HOURS": "-".join(f"{m // 60:02}:{m % 60:02}" for m in self.quiet_hours),
            "TELLING": "on" if self.telling else "off",
            "DRAIN_SECONDS": str(self.drain_seconds),
            "WIDGET_ORIGINS": ",".join(self.widget_origins),
            "WIDGET_PAGE_URL": self.widget_page_url,
            "WIDGET_SESSION_DAYS": str(self.widget_session_days),
            "WIDGET_LINK_DAYS": str(self.widget_link_days),
            "WIDGET_SESSION_RATE": self.widget_session_rate,
            "WIDGET_ADDRESS_RATE": self.widget_address_rate,
            "WIDGET_CASE_RATE": self.widget_case_rate,
            "WIDGET_ADDRESS_CASE_RATE": self.widget_address_case_rate,
            "PUBLIC_URL": self.public_url,
            "SMTP_URL": self.smtp_url,
            "TRUSTED_PROXIES": ",".join(self.trusted_proxies),
            **self.retention.environment(),
            "LOG_LEVEL": self.log_level,
            "HRBOT_VAR_DIR": str(self.var_dir),
            "HRBOT_DATA_DIR": str(self.data_dir),
            "RASA_TELEMETRY_ENABLED": "false",
        }


def load_settings(
    environ: Mapping[str, str] | None = None, env_file: Path | None = None
) -> Settings:
    """Read and check every setting.

    Args:
        environ: the environment; by default the process's own.
        env_file: the `.env` file; by default the one at the project's root.

    Raises:
        SettingsError: naming the variable and what it should be.
    """
    environ = os.environ if environ is None else environ
    file = dotenv_values(env_file if env_file is not None else ROOT / ".env")
    # An empty value means the default, so that .env.example can be copied as it stands.
    values = {k: v for k, v in file.items() if v}
    values.update({k: v for k, v in environ.items() if v})
    values = with_files(values)
    var_dir = Path(values.get("HRBOT_VAR_DIR") or ROOT / "var")
    production = _choice(values, "HRBOT_ENV", ("development", "production")) == "production"
    sandbox = _wants_sandbox(values, production)
    _fill_secrets(values, var_dir, production, sandbox)
    sandbox_url = url(*_named(values, "SANDBOX_URL"), ("http",), _default("SANDBOX_URL"))
    if sandbox:
        values["SLACK_API_URL"] = sandbox_url.rstrip("/") + "/api/"
        values = {**SANDBOX_CLIENT, **values}
        values.setdefault("SLACK_HR_CHANNEL", SANDBOX_HR_CHANNEL)
        values.setdefault("SLACK_HR_SENSITIVE_CHANNEL", SANDBOX_HR_SENSITIVE_CHANNEL)
    found = Settings(
        production=production,
        database_url=database_url(values.get("DATABASE_URL", ""), var_dir),
        redis_url=redis_url(values.get("REDIS_URL", "")),
        slack_bot_token=values["SLACK_BOT_TOKEN"],
        slack_signing_secret=values["SLACK_SIGNING_SECRET"],
        slack_app_token=_app_token(values),
        slack_api_url=slack_api_url(_named(values, "SLACK_API_URL")[1]),
        slack_hr_channel=_required(values, "SLACK_HR_CHANNEL", "the id of HR's Slack channel"),
        slack_hr_sensitive_channel=_sensitive_channel(values, production),
        slack_client_id=values.get("SLACK_CLIENT_ID", ""),
        slack_client_secret=_client_secret(values),
        gateway_host=values.get("GATEWAY_HOST", "127.0.0.1"),
        gateway_port=_port(values, "GATEWAY_PORT"),
        assistant_urls=assistant_urls(
            *_named(values, "ASSISTANT_URL"),
            _default("ASSISTANT_URL"),
            shared=bool(values.get("REDIS_URL")),
        ),
        actions_url=url(*_named(values, "ACTIONS_URL"), WEB, _default("ACTIONS_URL")).rstrip("/"),
        sandbox_url=sandbox_url.rstrip("/"),
        sandbox=sandbox,
        internal_tokens=_tokens(values, "INTERNAL_TOKEN"),
        encryption_key=_fernet_key(values),
        metrics_tokens=_tokens(values, "METRICS_TOKEN"),
        holding_notice_seconds=_seconds(values, "HOLDING_NOTICE_SECONDS"),
        reply_deadline_seconds=_seconds(values, "REPLY_DEADLINE_SECONDS"),
        anonymous_way_back_days=_days(values, "ANONYMOUS_WAY_BACK_DAYS"),
        hidden_detail_days=_days(values, "HIDDEN_DETAIL_DAYS"),
        review_reminder_days=_days(values, "REVIEW_REMINDER_DAYS"),
        review_after_days=_days(values, "REVIEW_AFTER_DAYS"),
        did_you_know_days=_days(values, "DID_YOU_KNOW_DAYS"),
        quiet_hours=_clock_span(*_named(values, "QUIET_HOURS")),
        telling=_choice(values, "TELLING", ("on", "off")) == "on",
        drain_seconds=_seconds(values, "DRAIN_SECONDS"),
        widget_origins=origins(*_named(values, "WIDGET_ORIGINS")),
        public_url=public_url(
            values.get("PUBLIC_URL", ""), _own_url(values), production=production
        ),
        smtp_url=smtp_url(values.get("SMTP_URL", "")),
        widget_page_url=page_url(
            values.get("WIDGET_PAGE_URL", ""),
            _own_url(values),
            must_be_set=production and bool(values.get("SMTP_URL")),
        ),
        widget_session_days=_days(values, "WIDGET_SESSION_DAYS"),
        widget_link_days=_days(values, "WIDGET_LINK_DAYS"),
        widget_session_rate=rate(*_named(values, "WIDGET_SESSION_RATE")),
        widget_address_rate=rate(*_named(values, "WIDGET_ADDRESS_RATE")),
        widget_case_rate=rate(*_named(values, "WIDGET_CASE_RATE")),
        widget_address_case_rate=rate(*_named(values, "WIDGET_ADDRESS_CASE_RATE")),
        trusted_proxies=networks(*_named(values, "TRUSTED_PROXIES")),
        retention=periods_from(values),
        log_level=_choice(values, "LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR")),
        data_dir=Path(values.get("HRBOT_DATA_DIR") or ROOT / "data"),
        var_dir=var_dir,
    )
    _require_that_who_comes_back_misses_nothing(found)
    if production:
        refuse_weak_secrets(values)
        refuse_in_production(values)
    return found


def _require_that_who_comes_back_misses_nothing(found: Settings) -> None:
    ways_back = {
        "WIDGET_SESSION_DAYS": found.widget_session_days,
        "WIDGET_LINK_DAYS": found.widget_link_days,
    }
    name = max(ways_back, key=ways_back.__getitem__)
    if found.retention.widget < ways_back[name]:
        raise SettingsError(
            f"RETENTION_WIDGET_DAYS is {found.retention.widget}, but with {name} at "
            f"{ways_back[name]} a candidate may come back later than that and would miss what "
            "was answered: raise the one or lower the other."
        )


def _default(name: str) -> str:
    return next(v.default for v in VARIABLES if v.name == name)


def _named(values: Mapping[str, str], name: str) -> tuple[str, str]:
    """Return a variable's name and its value, for a check that names it."""
    return name, values.get(name, _default(name))


def _required(values: Mapping[str, str], name: str, what: str) -> str:
    value = values.get(name, "").strip()
    if not value:
        raise SettingsError(f"{name} is not set: give {what} in .env or the environment.")
    return value


def _sensitive_channel(values: Mapping[str, str], production: bool) -> str:
    """Return the channel for what few may read; one channel for everything must be chosen."""
    if not production and not values.get("SLACK_HR_SENSITIVE_CHANNEL"):
        return values["SLACK_HR_CHANNEL"]
    return _required(
        values,
        "SLACK_HR_SENSITIVE_CHANNEL",
        "the id of a private channel for sensitive questions (or that of SLACK_HR_CHANNEL, if "
        "everybody there may read them)",
    )


def _choice(values: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    value = values.get(name, _default(name))
    if value not in allowed:
        raise SettingsError(f"{name} is “{value}”: it must be one of {', '.join(allowed)}.")
    return value


def _wants_sandbox(values: Mapping[str, str], production: bool) -> bool:
    token = values.get("SLACK_BOT_TOKEN", "")
    if production and (not token or token.startswith("xoxb-sandbox")):
        raise SettingsError(
            "SLACK_BOT_TOKEN is not set to a real token: production needs the bot token "
            "(xoxb-…) of your Slack app, the sandbox is for development only."
        )
    for name in ("SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN", "SLACK_API_URL"):
        if values.get(name) and not token:
            raise SettingsError(
                f"SLACK_BOT_TOKEN is not set, but {name} is: give the bot token (xoxb-…) of your "
                f"Slack app, or remove {name} to try the local sandbox."
            )
    return not token or token.startswith("xoxb-sandbox-")


def _fill_secrets(values: dict[str, str], var_dir: Path, production: bool, sandbox: bool) -> None:
    if not sandbox:
        _required(values, "SLACK_SIGNING_SECRET", "the signing secret of your Slack app")
    if production:
        _required(values, "INTERNAL_TOKEN", "a long random secret (hrbot secrets makes one)")
        _required(values, "ENCRYPTION_KEY", "a Fernet key (hrbot secrets makes one)")
        return
    fill_in_made_secrets(values, var_dir, sandbox=sandbox)


def _own_url(values: Mapping[str, str]) -> str:
    return f"http://{values.get('GATEWAY_HOST', '127.0.0.1')}:{_port(values, 'GATEWAY_PORT')}"


def _client_secret(values: Mapping[str, str]) -> str:
    if bool(values.get("SLACK_CLIENT_ID")) != bool(values.get("SLACK_CLIENT_SECRET")):
        raise SettingsError(
            "SLACK_CLIENT_ID and SLACK_CLIENT_SECRET belong together: give both, or neither to do "
            "without the report page."
        )
    return values.get("SLACK_CLIENT_SECRET", "")


def _app_token(values: Mapping[str, str]) -> str:
    value = values.get("SLACK_APP_TOKEN", "")
    if value and not value.startswith("xapp-"):
        raise SettingsError("SLACK_APP_TOKEN must begin with xapp- (or be empty for HTTP).")
    return value


def _tokens(values: Mapping[str, str], name: str) -> tuple[str, ...]:
    given = values.get(name, "")
    tokens = tuple(t.strip() for t in given.split(",") if t.strip())
    if (given and not tokens) or any(len(t) < MIN_TOKEN_LENGTH for t in tokens):
        raise SettingsError(f"{name} must hold secrets of at least {MIN_TOKEN_LENGTH} characters.")
    return tokens


def _fernet_key(values: Mapping[str, str]) -> str:
    key = values["ENCRYPTION_KEY"]
    try:
        Fernet(key)
    except ValueError:
        raise SettingsError(
            "ENCRYPTION_KEY is not a Fernet key: make one with “hrbot secrets”."
        ) from None
    return key


def _port(values: Mapping[str, str], name: str) -> int:
    value = values.get(name, _default(name))
    if not value.isdecimal() or not 0 < int(value) < 65536:
        raise SettingsError(f"{name} is “{value}”: it must be a port number from 1 to 65535.")
    return int(value)


def _seconds(values: Mapping[str, str], name: str) -> float:
    value = values.get(name, _default(name))
    try:
        seconds = float(value)
    except ValueError:
        seconds = -1.0
    if not 0 < seconds <= 3600:
        raise SettingsError(f"{name} is “{value}”: it must be a number of seconds up to 3600.")
    return seconds


def _clock_span(name: str, value: str) -> tuple[int, int]:
    """Return two times of day, such as 19:00-08:00, in minutes since midnight."""
    found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)", value, re.ASCII)
    if found is None:
        raise SettingsError(f"{name} is “{value}”: it must be two times such as 19:00-08:00.")
    hour, minute, last_hour, last_minute = map(int, found.groups())
    return 60 * hour + minute, 60 * last_hour + last_minute


def _days(values: Mapping[str, str], name: str) -> int:
    value = values.get(name, _default(name))
    if not value.isdecimal() or not 1 <= int(value) <= 365:
        raise SettingsError(f"{name} is “{value}”: it must be a number of days from 1 to 365.")
    return int(value)
