from __future__ import annotations

from media.signaling import candidate_hosts, opus_parameters, with_opus_parameters, with_stereo, without_mdns

OFFER = "\r\n".join(
    [
        "v=0",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111 63 0",
        "a=rtpmap:111 opus/48000/2",
        "a=rtcp-fb:111 transport-cc",
        "a=fmtp:111 minptime=10;useinbandfec=1",
        "a=rtpmap:63 red/48000/2",
        "a=fmtp:63 111/111",
        "a=candidate:1 1 udp 2113937151 0a1b2c3d-0000-4000-8000-000000000000.local 50000 typ host",
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        "",
    ]
)


def test_stereo_is_added_and_the_rest_kept() -> None:
    out = with_stereo(OFFER)
    assert opus_parameters(out) == {
        "minptime": "10",
        "useinbandfec": "1",
        "stereo": "1",
        "sprop-stereo": "1",
    }
    assert "a=fmtp:63 111/111\r\n" in out
    assert with_stereo(out) == out


def test_a_payload_type_without_parameters_gets_a_line() -> None:
    bare = OFFER.replace("a=fmtp:111 minptime=10;useinbandfec=1\r\n", "")
    assert "a=rtpmap:111 opus/48000/2\r\na=fmtp:111 stereo=1\r\n" in with_opus_parameters(bare, {"stereo": "1"})
    assert opus_parameters("v=0\r\n") == {}


def test_hidden_addresses_make_way_for_one_candidate_in_the_audio_line() -> None:
    out = without_mdns(OFFER, "198.51.100.7")
    assert candidate_hosts(out) == ["198.51.100.7"]
    assert out.index("198.51.100.7") < out.index("m=application")


def test_real_candidates_stay_alone() -> None:
    real = OFFER.replace("m=application", "a=candidate:2 1 udp 1 203.0.113.5 50001 typ host\r\nm=application")
    assert candidate_hosts(without_mdns(real, "198.51.100.7")) == ["203.0.113.5"]
