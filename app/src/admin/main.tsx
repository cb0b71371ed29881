// The host's page: `/admin/`. It starts things.

import { Login } from "../client/account";
import { Repeated } from "../client/repeated";
import { browserWorld } from "../client/world";
import type { HostNow } from "../contract/protocol";
import { draw } from "../ui/page";
import { AdminPage } from "./AdminPage";

const world = browserWorld();
const login = new Login(world);
const now = new Repeated<HostNow>(world, 2_000, () => login.ask("GET", "/api/admin/now"));

draw(<AdminPage login={login} now={now} />);
