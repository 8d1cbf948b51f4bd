/** The pages beside the office, in one chunk of their own. */

export { MeetingPage } from "./meetingPage";
export { MeetingsPage } from "./meetings";
export { ModelsPage } from "./models";
export { RunPage } from "./runPage";
export { RunsPage } from "./runs";
