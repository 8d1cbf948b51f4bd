"""The work of the durability test: four kinds of runs, and the shop that they ask to do things."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from server.selftest.ledger import Ledger
from server.selftest.points import Points
from workflows.connector import Answer, Did, TryAgain
from workflows.parts import Rules
from workflows.written import read_definition

_ORDER = """
name: order
initial: check
states:
  check:
    calls:
      reserve:
        action: shop.reserve
        with: {order: "{run.key}"}
        save: reserved
        retry: {first: 0.001, most: 0.001, attempts: 50}
    on: {done.reserve: approval}
  approval:
    asks:
      consent:
        title: "Order {data.what}?"
        role: approver
        decisions: {approve: 2, reject: 1}
        shows: [data.what]
    on: {approve.consent: buy, reject.consent: rejected, late: rejected}
  buy:
    initial: pay
    states:
      pay:
        calls: {pay: {action: shop.pay, with: {order: "{run.key}"}, save: paid}}
        on: {done.pay: pack}
      pack:
        parallel: true
        states:
          papers:
            states:
              writing:
                calls:
                  papers:
                    action: shop.papers
                    with: {order: "{run.key}"}
                    retry: {first: 0.001, most: 0.001, attempts: 50}
                on: {done.papers: written}
              written: {final: true}
          parcel:
            children: {parcel: {definition: parcel, with: {of: "{data.what}"}, save: parcel}}
            states:
              packing: {on: {done.parcel: packed}}
              packed: {final: true}
        on: {done.state.pack: bought}
      bought: {final: true}
    on: {done.state.buy: done}
  done: {final: true}
  rejected: {final: true}
deadlines:
  late: {in: approval, after: 2592000, event: late}
"""
PARCEL = """
name: parcel
initial: waiting
states:
  waiting: {on: {leave: sent}}
  sent: {final: true}
deadlines:
  soon: {in: waiting, after: 3600, event: leave}
"""
"""It leaves by itself after an hour."""
_TRIP = """
name: trip
initial: booking
states:
  booking:
    calls:
      book:
        action: shop.book
        with: {order: "{run.key}"}
        save: booked
        undo: {action: shop.unbook, with: {order: "{run.key}"}}
    on: {done.book: waiting}
  waiting: {on: {go: over}}
  over: {final: true}
"""
_WALK = """
name: walk
initial: a
states:
  a: {on: {go: b, stop: end}}
  b: {on: {go: a, stop: end}}
  end: {final: true}
"""
LIBRARY = {one.name: one for one in (read_definition(text, Rules()) for text in (_ORDER, PARCEL, _TRIP, _WALK))}
HOUR = 3600.0
"""Seconds until a parcel leaves."""


class Shop:
    """A connector with a ledger of what it did; it knows repeats by their key, as connectors should."""

    def __init__(self, ledger: Ledger, points: Points) -> None:
        """What the ledger says was done already."""
        self._ledger, self._points = ledger, points
        self._asked = {entry["key"] for entry in ledger.entries()}

    async def call(self, verb: str, params: Mapping[str, Any], key: str) -> Answer:
        """Do it, and note it before anybody is told; papers take a second attempt."""
        with self._points.around(f"the call of {verb}"):
            known = key in self._asked
            self._asked.add(key)
            self._ledger.note(key=key, verb=verb, params=dict(params))
        if verb == "papers" and not known:
            return TryAgain(reason="the printer is warming up")
        return Did(result=f"{verb} {params['order']}")
