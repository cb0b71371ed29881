// The check of a phone: `/check/`. It starts things.

import { draw } from "../ui/page";
import { CheckPage } from "./CheckPage";

draw(<CheckPage />);
