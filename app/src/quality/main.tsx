// The quality page: `/quality/#SESSION/TOKEN`. It starts things.

import { QualityFeed, qualityKey } from "../client/quality";
import { browserWorld } from "../client/world";
import { draw } from "../ui/page";
import { QualityPage } from "./QualityPage";

const key = qualityKey(location.hash);
const feed = key && new QualityFeed(browserWorld(), key);
addEventListener("hashchange", () => location.reload());

draw(<QualityPage feed={feed} />);
