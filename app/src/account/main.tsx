// The account pages: `/account/`. It starts things.

import { Login } from "../client/account";
import { accountLink } from "../client/account-link";
import { safeKeeper } from "../client/storage";
import { browserWorld } from "../client/world";
import { draw } from "../ui/page";
import { AccountPage } from "./AccountPage";
import { DesktopAsk } from "./desktop-ask";

const link = accountLink(location.hash);
const login = new Login(browserWorld());
const desktop = new DesktopAsk(
  safeKeeper(() => sessionStorage),
  link,
);
// What stood in the fragment is held here now; it stays neither in the address bar nor in the history.
history.replaceState(null, "", location.pathname);
addEventListener("hashchange", () => location.reload());

draw(<AccountPage login={login} link={link} desktop={desktop} />);
