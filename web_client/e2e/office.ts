/** What every browser test begins with: an office of its own, and people who come in. */

import { test as base } from "@playwright/test";

import { Person, type PersonOptions } from "./person";
import { Office, type OfficeOptions } from "./server";

export { expect } from "@playwright/test";
export { PLAIN, type Person } from "./person";

export interface People {
  /** Opens a browser for somebody who is still outside. */
  meet(name: string, options?: PersonOptions): Promise<Person>;
  /** Somebody walks in: the first as the owner, the others by an invitation for their role. */
  enter(name: string, options?: PersonOptions & { role?: "guest" | "member" | "facilitator" }): Promise<Person>;
}

export const test = base.extend<{ options: OfficeOptions; office: Office; people: People }>({
  options: [{}, { option: true }],

  office: async ({ options }, use, info) => {
    const office = new Office(options);
    try {
      await office.open();
      await use(office);
    } finally {
      await office.close();
    }
    if (info.status !== info.expectedStatus) await info.attach("server.log", { body: office.log, contentType: "text/plain" });
  },

  people: async ({ office }, use) => {
    const here: Person[] = [];
    const meet = async (name: string, options?: PersonOptions): Promise<Person> => {
      const person = await Person.atBrowser(name, options);
      here.push(person);
      return person;
    };
    await use({
      meet,
      enter: async (name, options) => {
        const owner = here[0];
        const link = owner === undefined ? office.ownerLink : await invitation(owner, options?.role ?? "member");
        return (await meet(name, options)).walkIn(link);
      },
    });
    const faults: unknown[] = [];
    for (const person of here) await person.close().catch((fault: unknown) => faults.push(fault));
    if (faults.length > 0) throw faults[0];
  },
});

/** An invitation, made as the owner's page makes it. */
async function invitation(owner: Person, role: string): Promise<string> {
  return owner.page.evaluate(async (as) => {
    const answer = await fetch("/v1/invites", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ role: as, hours: 1 }),
    });
    const made = (await answer.json()) as { url: string };
    return made.url;
  }, role);
}

/** Somebody in the list view goes to a place of the office; at once, for those who want no motion. */
export async function goTo(person: Person, zone: string): Promise<void> {
  await person.page.getByRole("button", { name: `Go to ${zone}` }).click();
  await person.waits(`to be in ${zone}`, ({ self }) => self?.zone === zone.toLowerCase());
}
