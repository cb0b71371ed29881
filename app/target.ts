/** The browsers that the pages are built for. */
export const TARGET = ["chrome111", "safari16.4", "firefox114"];
