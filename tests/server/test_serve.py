"""Before anything slow, the ground is checked; every fault is one line that says what to do."""

from __future__ import annotations

import os
import socket
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from server.__main__ import main
from server.config import ConfigError, Settings
from server.serve import check_ground
from server.tls import VALID_DAYS, self_signed

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_a_port_in_use_names_another(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ConfigError, match=rf"port {port} is in use.*--port {port + 1}"):
            check_ground(Settings(data_dir=tmp_path / "data", port=port))


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"cannot be made.*--data-dir"):
        check_ground(Settings(data_dir=tmp_path / "file" / "data", port=0))


def test_an_address_that_is_not_ours_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot listen on 192\.0\.2\.1"):
        check_ground(Settings(data_dir=tmp_path / "data", host="192.0.2.1", port=0))


def test_good_ground_is_taken(tmp_path: Path) -> None:
    listener = check_ground(Settings(data_dir=tmp_path / "data", port=0))
    with listener:
        assert listener.getsockname()[1] > 0
    assert stat.S_IMODE(os.stat(tmp_path / "data").st_mode) == 0o700


def test_the_command_line_says_it_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--port", "many", "--data-dir", str(tmp_path)]) == 2
    assert capsys.readouterr().err.strip().splitlines() == ["atrium: port is a number from 1 to 65535, not 'many'"]


def test_an_owner_link_needs_an_office(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["owner-link", "--data-dir", str(tmp_path / "none")]) == 2
    assert "there is no office" in capsys.readouterr().err
    (tmp_path / "data").mkdir()
    assert main(["owner-link", "--data-dir", str(tmp_path / "data")]) == 0
    assert capsys.readouterr().out.startswith("http://localhost:8080/?key=")


def test_a_self_signed_certificate_covers_its_names_and_is_kept_private(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path / "tls", "10.1.2.3", NOW)
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    known = x509.load_pem_x509_certificate(certificate.read_bytes())
    names = known.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "localhost" in names.get_values_for_type(x509.DNSName)
    assert {"127.0.0.1", "10.1.2.3"} <= {str(n) for n in names.get_values_for_type(x509.IPAddress)}


def test_a_certificate_is_renewed_before_it_ends_and_when_the_host_changes(tmp_path: Path) -> None:
    first = self_signed(tmp_path / "tls", "10.1.2.3", NOW)[0].read_bytes()
    assert self_signed(tmp_path / "tls", "10.1.2.3", NOW + timedelta(days=1))[0].read_bytes() == first
    later = NOW + timedelta(days=VALID_DAYS - 10)
    second = self_signed(tmp_path / "tls", "10.1.2.3", later)[0].read_bytes()
    assert second != first
    assert self_signed(tmp_path / "tls", "10.9.9.9", later)[0].read_bytes() != second
