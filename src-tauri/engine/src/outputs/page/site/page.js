// The lamp of one camera, from the director's machine alone: no cloud, no picture, and no secure context, which is why
// there is no wake lock and no page to keep. It refuses to remember a colour: only the director's word refreshes, and at
// FRESH_MS the lamp is unknown. What is shown is said back, once it is painted.

const FRESH_MS = 2_500;
const AGAIN_MS = [200, 500, 1_000, 2_000];
const PASS = 'pass';
const CAMERA = 'camera';

const WORDS = {
  en: {
    lamp: { program: 'ON AIR', preview: 'NEXT', idle: 'STANDBY', unknown: 'NO SIGNAL' },
    label: 'Tally',
    camera: (n) => `Camera ${n}`,
    choose: 'Choose your camera.',
    waiting: 'Waiting for the director…',
    stale: 'Nothing is heard of the director. Stay on the network of the show.',
    absent: 'The show has no such camera.',
    asleep: 'The page was hidden.',
    buzz: 'Vibrate on ON AIR',
    limits: 'Straight from the director, by this network. No picture here. The browser does not let a page like this keep the screen lit: set the phone so that it does not lock.',
    mute: 'This phone does not vibrate from a page.',
  },
  ko: {
    lamp: { program: '송출 중', preview: '다음', idle: '대기', unknown: '신호 없음' },
    label: '탤리',
    camera: (n) => `카메라 ${n}`,
    choose: '카메라 번호를 고르세요.',
    waiting: '디렉터를 기다리는 중…',
    stale: '디렉터 신호가 들리지 않습니다. 현장 네트워크에 머물러 주세요.',
    absent: '이 쇼에는 그 카메라가 없습니다.',
    asleep: '페이지가 가려져 있었습니다.',
    buzz: '송출 중에 진동',
    limits: '이 네트워크에서 디렉터가 직접 보냅니다. 여기에는 영상이 없습니다. 이런 페이지는 화면을 켜 둘 수 없으니, 휴대폰이 잠기지 않게 설정하세요.',
    mute: '이 휴대폰은 페이지에서 진동하지 않습니다.',
  },
  refused: {
    ko: {
      token_missing: '통행증 없이 열렸습니다. 디렉터 화면의 코드를 스캔하세요.',
      token_invalid: '이 쇼의 서버가 준 통행증이 아닙니다. 디렉터 화면의 코드를 다시 스캔하세요.',
      token_expired: '통행증의 하루가 지났습니다. 디렉터 화면의 코드를 다시 스캔하세요.',
      other_session: '다른 쇼의 통행증입니다. 디렉터 화면의 코드를 스캔하세요.',
      not_a_camera: '카메라 운영자의 통행증이 아닙니다. 디렉터 화면의 코드를 스캔하세요.',
      keys_unknown: '디렉터 프로그램이 아직 서버를 만나지 못해 통행증을 판단할 수 없습니다. 디렉터에게 알리세요.',
    },
  },
};
const language = navigator.language.toLowerCase().startsWith('ko') ? 'ko' : 'en';
const words = WORDS[language];
const at = (id) => document.getElementById(id);

/** What the browser keeps for this address; a private window may refuse it. */
const kept = {
  get(name) { try { return localStorage.getItem(name); } catch { return null; } },
  set(name, value) { try { localStorage.setItem(name, value); } catch { /* until the page is closed */ } },
};

// A pass is a secret: it does not stay in the address, which is shown and shared.
if (location.hash.length > 1) {
  kept.set(PASS, location.hash.slice(1));
}
const pass = location.hash.slice(1) || kept.get(PASS) || '';
history.replaceState(null, '', '/');

let camera = Number(kept.get(CAMERA)) || null;
let word = null;
let freshUntil = 0;
let refused = null;
let asleep = document.hidden;
let buzzes = false;
let socket = null;
let tries = 0;
let expiry = 0;
let shown = null;

/** What the screen has to show now. */
function judge(now) {
  const unknown = (why) => ({ tally: 'unknown', why });
  if (refused !== null) return unknown(refused);
  if (camera === null) return unknown(words.choose);
  if (asleep) return unknown(words.asleep);
  if (word === null) return unknown(words.waiting);
  if (now >= freshUntil) return unknown(words.stale);
  const lamp = word.cameras.find((one) => one.camera === camera);
  if (lamp === undefined) return unknown(words.absent);
  return { tally: lamp.tally, why: lamp.name };
}

function draw() {
  // One moment for what is judged and for when it is judged again: between two a colour would stay for ever.
  const now = performance.now();
  const { tally, why } = judge(now);
  if (tally === 'program' && shown !== 'program' && buzzes) navigator.vibrate([300, 100, 300]);
  shown = tally;
  document.body.dataset.tally = tally;
  at('camera').textContent = camera ?? '';
  at('lamp').textContent = words.lamp[tally];
  at('lamp').setAttribute('aria-label', `${words.label}: ${camera === null ? '' : `${words.camera(camera)}, `}${words.lamp[tally]}`);
  at('why').textContent = why;
  const numbers = word?.cameras.map((one) => one.camera) ?? [];
  const known = [...at('choice').children].map((one) => Number(one.value));
  if (known.join() !== numbers.join()) at('choice').replaceChildren(...numbers.map(button));
  for (const one of at('choice').children) one.setAttribute('aria-pressed', String(Number(one.value) === camera));
  clearTimeout(expiry);
  if (now < freshUntil) expiry = setTimeout(draw, freshUntil - now);
  confirm(tally);
}

function button(number) {
  const one = document.createElement('button');
  one.type = 'button';
  one.value = String(number);
  one.textContent = String(number);
  one.setAttribute('aria-label', words.camera(number));
  one.onclick = () => {
    camera = number;
    kept.set(CAMERA, String(number));
    say({ type: 'follow', camera });
    draw();
  };
  return one;
}

/** Says what is shown once it is on the glass: after the second frame that follows the drawing. */
function confirm(tally) {
  if (word === null || camera === null) return;
  const { epoch, seq } = word;
  const message = { type: 'shown', epoch, seq, camera, tally };
  if (document.hidden) return say(message);
  requestAnimationFrame(() => requestAnimationFrame(() => {
    if (shown === tally && word?.seq === seq) say(message);
  }));
}

function say(message) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

function connect() {
  const mine = new WebSocket(`ws://${location.host}/ws`);
  socket = mine;
  mine.onopen = () => {
    // Whoever answers here now is the director of this show: what another run said before does not count against it.
    word = null;
    say({ type: 'hello', protocol: 1, ticket: pass, camera });
  };
  mine.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.type === 'bye') {
      refused = WORDS.refused[language]?.[message.problem.code] ?? message.problem.detail;
    } else if (message.type === 'tally') {
      tries = 0;
      refused = null;
      word = message.state;
      freshUntil = performance.now() - message.age_ms + FRESH_MS;
    }
    draw();
  };
  mine.onclose = () => {
    if (mine !== socket) return;
    setTimeout(connect, AGAIN_MS[Math.min(tries, AGAIN_MS.length - 1)]);
    tries += 1;
  };
}

document.documentElement.lang = language;
at('limits').textContent = words.limits;
if ('vibrate' in navigator) {
  at('buzz').hidden = false;
  at('buzz').textContent = words.buzz;
  at('buzz').onclick = () => {
    buzzes = navigator.vibrate(50);
    at('buzz').setAttribute('aria-pressed', String(buzzes));
  };
} else {
  at('limits').textContent += ` ${words.mute}`;
}
document.addEventListener('visibilitychange', () => {
  asleep = document.hidden;
  // What was painted last must not be what is seen first.
  if (!asleep) freshUntil = 0;
  draw();
});
draw();
connect();
