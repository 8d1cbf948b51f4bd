/** Somebody gives a mail address and confirms it by the code that was sent there. */

import { check } from "./axe";
import { expect, PLAIN, test as base } from "./office";
import { PostOffice } from "./post";

const test = base.extend<{ post: PostOffice }>({
  post: async ({ playwright: _ }, use) => {
    const post = new PostOffice();
    await use(post);
    await post.close();
  },

  options: async ({ post }, use) => {
    const port = await post.open();
    await use({
      arguments: ["--smtp-host", "127.0.0.1", "--smtp-port", String(port), "--smtp-security", "none", "--smtp-from", "atrium@example.org"],
    });
  },
});

test("an address is confirmed by the code in a letter, by keyboard alone", async ({ post, people }) => {
  const settings = { ...PLAIN, listenOnly: true };
  const ana = await people.enter("Ana", { settings, flat: true, reducedMotion: true, expected: /422/ });
  const { page } = ana;
  const mail = page.getByRole("region", { name: "Settings", exact: true });
  await mail.getByText("Mail", { exact: true }).click();
  await mail.getByLabel("Your mail address").fill("ana@example.org");
  await page.keyboard.press("Enter");
  const code = mail.getByLabel("Code");
  await expect(code, "the next thing to do has the focus").toBeFocused();
  await expect(mail.getByText("Not confirmed yet")).toBeVisible();
  await expect(mail.getByText(/Enter the code from the letter to ana@example.org, until/)).toBeVisible();
  expect(post.letters).toHaveLength(1);
  await check(ana, "a code is waited for");

  await page.keyboard.type(post.code === "111 111" ? "222222" : "111111");
  await page.keyboard.press("Enter");
  await expect(mail.getByRole("alert")).toContainText("This is not the code; take the one of the newest letter. 4 tries are left.");
  await check(ana, "a wrong code");

  await mail.getByRole("button", { name: "Send another code" }).click();
  await expect(mail.getByText("A letter is on its way to ana@example.org. Codes of before no longer count.")).toBeVisible();
  await expect(code).toBeFocused();
  expect(post.letters).toHaveLength(2);
  await page.keyboard.type(post.code);
  await page.keyboard.press("Enter");
  await expect(mail.getByText("What waits for you goes to ana@example.org.")).toBeVisible();
  await expect(mail.getByText("Confirmed", { exact: true })).toBeVisible();
  await expect(mail.getByLabel("Your mail address"), "the focus is not lost").toBeFocused();
  await check(ana, "a confirmed address");

  await mail.getByLabel("Your mail address").fill("");
  await page.keyboard.press("Enter");
  await expect(mail.getByText("No address is kept.")).toBeVisible();
  await expect(mail.getByRole("switch", { name: "Mail me what waits for me" })).toBeDisabled();
});
