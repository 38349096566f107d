from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bot.errors import SettingsError
from bot.safe_settings import fresh_secrets
from bot.sandbox.seed import HR_CHANNEL, HR_SENSITIVE_CHANNEL
from bot.settings import ROOT, VARIABLES, Settings, load_settings

NONE = Path("no-such.env")
SECRETS = fresh_secrets()
REAL = {
    **SECRETS,
    "HRBOT_ENV": "production",
    "SLACK_BOT_TOKEN": "xoxb-real",
    "SLACK_SIGNING_SECRET": "8f742231b10e8888abcd99yyyzzz85a5",
    "SLACK_HR_CHANNEL": "C0HR",
    "SLACK_HR_SENSITIVE_CHANNEL": "C0FEW",
}


def load(tmp_path: Path, env_file: Path = NONE, **environ: str) -> Settings:
    return load_settings({"HRBOT_VAR_DIR": str(tmp_path / "var"), **environ}, env_file)


def test_without_any_setting_the_sandbox_plays_slack(tmp_path: Path) -> None:
    found = load(tmp_path)
    assert found.sandbox
    assert not found.production
    assert found.slack_api_url == "http://127.0.0.1:8090/api/"
    assert found.hr_channels == {"default": HR_CHANNEL, "sensitive": HR_SENSITIVE_CHANNEL}
    assert (found.gateway_host, found.gateway_port) == ("127.0.0.1", 8080)
    assert found.database_url == f"sqlite:///{tmp_path / 'var' / 'hrbot.db'}"
    assert found.data_dir == ROOT / "data"


def test_env_example_names_every_variable_and_no_other() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = re.findall(r"^([A-Z_]+)=", example, re.MULTILINE)
    assert sorted(named) == sorted(variable.name for variable in VARIABLES)


def test_env_example_shows_the_defaults() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    shown = dict(re.findall(r"^([A-Z_]+)=(.*)$", example, re.MULTILINE))
    wrong = {v.name for v in VARIABLES if shown[v.name] not in ("", v.default)}
    assert wrong == set()


def test_readme_names_every_variable() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    if not readme:
        pytest.skip("the README isn't written yet")
    assert [v.name for v in VARIABLES if v.name not in readme] == []


def test_a_copy_of_env_example_changes_nothing(tmp_path: Path) -> None:
    copied = tmp_path / ".env"
    copied.write_text((ROOT / ".env.example").read_text(encoding="utf-8"), encoding="utf-8")
    assert load(tmp_path, copied) == load(tmp_path)


def test_a_copy_of_env_example_needs_only_slacks_own_values(tmp_path: Path) -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    for name in ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_HR_CHANNEL"):
        example = example.replace(f"\n{name}=\n", f"\n{name}={REAL[name]}\n")
    copied = tmp_path / ".env"
    copied.write_text(example, encoding="utf-8")
    found = load(tmp_path, copied)
    assert not found.sandbox
    assert found.slack_api_url == "https://slack.com/api/"


def test_several_assistants_need_redis_to_share_a_lock(tmp_path: Path) -> None:
    two = "http://one:5005/, http://two:5005"
    with pytest.raises(SettingsError, match="REDIS_URL"):
        load(tmp_path, ASSISTANT_URL=two)
    found = load(tmp_path, ASSISTANT_URL=two, REDIS_URL="redis://127.0.0.1/0")
    assert found.assistant_urls == ("http://one:5005", "http://two:5005")
    assert found.assistant_url == "http://one:5005"


def test_the_environment_wins_over_the_file_unless_it_is_empty(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("GATEWAY_PORT=9001\nLOG_LEVEL=DEBUG\n", encoding="utf-8")
    found = load(tmp_path, file, GATEWAY_PORT="9002", LOG_LEVEL="")
    assert found.gateway_port == 9002
    assert found.log_level == "DEBUG"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HRBOT_ENV", "prod"),
        ("DATABASE_URL", "mysql://localhost/hr"),
        ("DATABASE_URL", "postgresql://u:p@host:port/hr"),
        ("DATABASE_URL", "postgresql+asyncpg://host/hr"),
        ("DATABASE_URL", "hr.db"),
        ("REDIS_URL", "localhost:6379"),
        ("REDIS_URL", "redis://["),
        ("SLACK_APP_TOKEN", "xoxb-1"),
        ("SLACK_API_URL", "https://slack.com/api"),
        ("SLACK_API_URL", "slack.com/api/"),
        ("GATEWAY_PORT", "http"),
        ("GATEWAY_PORT", "0"),
        ("GATEWAY_PORT", "65536"),
        ("GATEWAY_PORT", "²"),
        ("ASSISTANT_URL", "127.0.0.1:5005"),
        ("ASSISTANT_URL", "http://127.0.0.1:5005,"),
        ("METRICS_TOKEN", "short"),
        ("DRAIN_SECONDS", "0"),
        ("QUIET_HOURS", "19:00"),
        ("QUIET_HOURS", "7pm-8am"),
        ("REVIEW_AFTER_DAYS", "0"),
        ("ACTIONS_URL", "http://127.0.0.1"),
        ("SANDBOX_URL", "https://127.0.0.1:8090"),
        ("INTERNAL_TOKEN", "short"),
        ("INTERNAL_TOKEN", f"{'long' * 12},short"),
        ("INTERNAL_TOKEN", " , "),
        ("ENCRYPTION_KEY", "not-a-key"),
        ("HOLDING_NOTICE_SECONDS", "soon"),
        ("HOLDING_NOTICE_SECONDS", "0"),
        ("REPLY_DEADLINE_SECONDS", "nan"),
        ("REPLY_DEADLINE_SECONDS", "3601"),
        ("WIDGET_ORIGINS", "www.cedar.example"),
        ("WIDGET_ORIGINS", "https://a.example, https://b.example/"),
        ("WIDGET_ORIGINS", "*"),
        ("WIDGET_PAGE_URL", "/careers"),
        ("WIDGET_PAGE_URL", "https://a.example/#jobs"),
        ("WIDGET_PAGE_URL", "https://["),
        ("SLACK_CLIENT_ID", "1234.5678"),
        ("WIDGET_SESSION_DAYS", "0"),
        ("WIDGET_LINK_DAYS", "many"),
        ("WIDGET_SESSION_RATE", "20"),
        ("WIDGET_SESSION_RATE", "20/minute;"),
        ("WIDGET_ADDRESS_RATE", "0/minute"),
        ("SMTP_URL", "mail.example.com"),
        ("SMTP_URL", "smtp://:25"),
        ("SMTP_URL", "smtp://a:b@["),
        ("TRUSTED_PROXIES", "the-proxy"),
        ("RETENTION_MESSAGES_DAYS", "0"),
        ("RETENTION_MESSAGES_DAYS", "forever"),
        ("RETENTION_CASES_DAYS", "29"),
        ("RETENTION_AUDIT_DAYS", "364"),
        ("RETENTION_EVENT_LOG_DAYS", "3651"),
        ("LOG_LEVEL", "LOUD"),
        ("TELLING", "perhaps"),
    ],
)
def test_a_wrong_setting_gives_one_sentence_that_names_it(
    tmp_path: Path, name: str, value: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, **{**REAL, name: value})
    sentence = str(caught.value)
    assert name in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


@pytest.mark.parametrize(
    "name",
    [
        "SLACK_BOT_TOKEN",
        "SLACK_SIGNING_SECRET",
        "SLACK_HR_CHANNEL",
        "SLACK_HR_SENSITIVE_CHANNEL",
        *SECRETS,
    ],
)
def test_production_says_what_is_missing(tmp_path: Path, name: str) -> None:
    given_values = {key: value for key, value in REAL.items() if key != name}
    with pytest.raises(SettingsError, match=f"^{name} is not set"):
        load(tmp_path, **given_values)


def test_only_while_trying_out_one_channel_may_do_for_everything(tmp_path: Path) -> None:
    one = {k: v for k, v in REAL.items() if k not in ("HRBOT_ENV", "SLACK_HR_SENSITIVE_CHANNEL")}
    assert load(tmp_path, **one).slack_hr_sensitive_channel == "C0HR"
    chosen = {**REAL, "SLACK_HR_SENSITIVE_CHANNEL": "C0HR"}
    assert load(tmp_path, **chosen).slack_hr_sensitive_channel == "C0HR"


def test_production_has_no_sandbox(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"^SLACK_BOT_TOKEN"):
        load(tmp_path, **{**REAL, "SLACK_BOT_TOKEN": "xoxb-sandbox-1"})


def test_e_mails_of_production_need_a_page_to_lead_to(tmp_path: Path) -> None:
    mail = {**REAL, "SMTP_URL": "smtp://hr:p%40ss@mail.example:587"}
    with pytest.raises(SettingsError, match=r"^WIDGET_PAGE_URL is not set, but SMTP_URL is"):
        load(tmp_path, **mail)
    found = load(tmp_path, **mail, WIDGET_PAGE_URL="https://www.cedar.example/jobs")
    assert found.widget_page_url == "https://www.cedar.example/jobs"
    assert load(tmp_path, SMTP_URL=mail["SMTP_URL"]).widget_page_url.endswith(":8080/careers")


def test_lists_of_the_careers_page(tmp_path: Path) -> None:
    found = load(
        tmp_path,
        WIDGET_ORIGINS="https://a.example, http://b.example:8080",
        WIDGET_SESSION_RATE="5/second;100/hour",
        TRUSTED_PROXIES="10.0.0.0/8,::1",
    )
    assert found.widget_origins == ("https://a.example", "http://b.example:8080")
    assert found.widget_session_rate == "5/second;100/hour"
    assert found.trusted_proxies == ("10.0.0.0/8", "::1")
    assert load(tmp_path).widget_origins == load(tmp_path).trusted_proxies == ()


@pytest.mark.parametrize("name", ["SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN", "SLACK_API_URL"])
def test_half_of_slacks_values_is_a_mistake(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError, match=f"SLACK_BOT_TOKEN is not set, but {name} is"):
        load(tmp_path, **{name: "xapp-1"})


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    name=st.sampled_from([v.name for v in VARIABLES if not v.name.endswith("_DIR")]),
    value=st.text(st.characters(exclude_characters="\0"), min_size=1, max_size=30)
    | st.from_regex(r"(https?|redis|sqlite|postgresql)://[\[\]:@/a1.]{0,8}", fullmatch=True),
)
def test_no_value_gives_a_traceback(tmp_path: Path, name: str, value: str) -> None:
    complaint = name
    try:
        load(tmp_path, **{**REAL, name: value})
    except SettingsError as error:
        complaint = str(error)
    assert name in complaint


def test_secrets_nobody_set_are_made_once_and_kept_private(tmp_path: Path) -> None:
    first, second = load(tmp_path), load(tmp_path)
    assert first == second
    kept = tmp_path / "var" / "development.env"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert first.encryption_key in kept.read_text(encoding="utf-8")


def test_a_secret_that_is_set_is_not_replaced_by_a_kept_one(tmp_path: Path) -> None:
    load(tmp_path)
    assert (
        load(tmp_path, ENCRYPTION_KEY=SECRETS["ENCRYPTION_KEY"]).encryption_key
        == (SECRETS["ENCRYPTION_KEY"])
    )


def test_fresh_secrets_are_different_each_time_and_good_enough(tmp_path: Path) -> None:
    assert fresh_secrets() != SECRETS
    assert load(tmp_path, **{**REAL, **fresh_secrets()}).production


def test_two_internal_tokens_rotate(tmp_path: Path) -> None:
    old, new = fresh_secrets()["INTERNAL_TOKEN"], SECRETS["INTERNAL_TOKEN"]
    found = load(tmp_path, **{**REAL, "INTERNAL_TOKEN": f"{new}, {old}"})
    assert found.internal_tokens == (new, old)
    assert found.internal_token == new


def test_a_child_process_reads_the_same_settings(tmp_path: Path) -> None:
    for environ in ({}, REAL, {"REDIS_URL": "redis://r:1/0", "GATEWAY_PORT": "9003"}):
        found = load(tmp_path, **environ)
        assert load_settings(found.environment(), NONE) == found


def test_secrets_are_not_printed(tmp_path: Path) -> None:
    found = load(tmp_path, **REAL)
    for secret in (*SECRETS.values(), REAL["SLACK_BOT_TOKEN"], REAL["SLACK_SIGNING_SECRET"]):
        assert secret not in f"{found} {found!r}"


@pytest.mark.parametrize("name", ["WIDGET_SESSION_DAYS", "WIDGET_LINK_DAYS"])
def test_what_was_answered_is_kept_for_whoever_may_come_back(tmp_path: Path, name: str) -> None:
    load(tmp_path, **{name: "40"}, RETENTION_WIDGET_DAYS="40")
    with pytest.raises(SettingsError, match=f"RETENTION_WIDGET_DAYS is 39, but with {name} at 40"):
        load(tmp_path, **{name: "40"}, RETENTION_WIDGET_DAYS="39")
