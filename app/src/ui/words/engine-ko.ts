// 한국어: what the engine says, by its code. English is the engine's own text; a code without words here does not build.

import type { Sentences } from "../../contract/desktop";

/** A sentence of each code, made of its facts. */
export type EngineWords = { readonly [Code in keyof Sentences]: (...facts: Sentences[Code]) => string };

export const engineKo: EngineWords = {
  as_is: (text) => text,

  busy: () => "프로그램이 바빠 받지 못했습니다. 다시 누르세요",
  no_show_open: () => "먼저 쇼를 여세요",
  no_picture_yet: () => "아직 화면이 없습니다. 먼저 소스를 추가하세요",
  nothing_to_switch: () => "아직 전환할 것이 없습니다. 소스를 추가하거나 열릴 때까지 기다리세요",
  not_signed_in: () => "먼저 클라우드에 로그인하세요",
  no_cloud_address: () => "먼저 클라우드 주소를 입력하세요",
  cloud_while_on_air: () => "클라우드는 송출이 꺼져 있을 때 바꿉니다",
  sign_out_while_on_air: () => "로그아웃은 송출이 꺼져 있을 때 합니다",
  new_session_while_on_air: () => "새 세션은 송출이 꺼져 있을 때 만듭니다",
  show_while_on_air: () => "다른 쇼는 송출이 꺼져 있을 때 엽니다",
  delete_while_on_air: () => "송출 중인 쇼는 지울 수 없습니다",
  compare_while_on_air: () => "두 버전은 송출이 꺼져 있을 때 비교합니다",
  elsewhere_on_air: () => "프로그램이 이미 다른 세션에 나가고 있습니다. 그곳의 송출을 먼저 끄세요",
  cut_elsewhere: () => "이 쇼의 프로그램은 다른 스위처가 만듭니다. 그곳에서 컷하세요",
  no_secret_of_a_switcher: (name) => `${name}은(는) 스위처 비밀의 이름이 아닙니다. obs-로 시작합니다`,
  key_empty: () => "키가 비어 있습니다. 먼저 스틸이나 하단 자막을 불러오세요",
  nothing_to_undo: () => "되돌릴 변경이 없습니다",
  nothing_to_come: () => "프리뷰에 다른 소스가 없습니다. 나갈 소스를 프리뷰에 올리세요",
  transition_runs: () => "이미 전환 중입니다. CUT으로 바로 끝낼 수 있습니다",
  transition_too_long: (seconds) => `전환은 최대 ${seconds}초입니다`,
  no_such_source: (asked, last) => `소스 ${asked}번은 없습니다. 1번부터 ${last}번까지 있습니다`,
  no_session_to_report: () => "보고서를 만들 세션이 아직 없습니다",
  encoder_failed: (reason) => `인코더가 멈췄습니다(${reason}). 다음 인코더로 이어갑니다`,

  no_threads: (error) => `시스템이 스레드를 더 주지 않습니다: ${error}`,
  settings_not_kept: (error) => `설정을 저장하지 못했습니다(${error}). 디스크 공간이나 권한을 확인하세요`,
  shows_folder_unusable: () => "쇼 폴더를 쓸 수 없습니다. 윗줄을 보세요",
  show_mended: (why, aside) => `손상된 쇼(${why})를 사본으로 복구했습니다: ${aside}`,
  show_set_aside: (why, aside) => `손상된 쇼(${why})를 따로 옮겨 두었습니다: ${aside}`,
  not_written: (path, error) => `${path}에 쓸 수 없습니다: ${error}`,
  not_looked_into: (path, error) => `${path}을(를) 볼 수 없습니다: ${error}`,
  no_folder: (path, error) => `${path}에 폴더를 만들 수 없습니다: ${error}`,
  not_logged: (reason) => `세션 기록이 남지 않습니다: ${reason}`,
  battery_runs_down: (percent, minutes) =>
    `배터리로 동작 중: ${percent}%, 약 ${minutes}분 남음. 전원을 연결하세요`,
  battery: (percent) => `배터리로 동작 중: ${percent}%. 전원을 연결하세요`,
  disk_nearly_full: (gigabytes) => `디스크가 ${gigabytes} GB 남았습니다. 공간을 확보하세요`,

  sources_none: () => "소스가 없습니다. 추가하세요",
  sources_send: (all) => `${all}개 모두 프레임을 보냅니다`,
  sources_silent: (which) => `프레임 없음: ${which}`,
  encoder_unproven: () => "첫 소스가 열리면 확인됩니다",
  nobody_signed_in: () => "로그인하지 않았습니다. 설정에서 로그인하세요",
  no_address_known: () => "클라우드 주소를 모릅니다",
  way_soon: () => "프로그램이 직접 회선을 잽니다. 10초 뒤에 다시 보세요",
  way_occupied: () =>
    "이 세션이 다른 곳에서 송출 중이거나 이미 재고 있습니다. 둘 다 아닐 때 회선을 점검하세요",
  way_measured: (mbits, rtt, lost) => `${mbits} Mbit/s, 왕복 ${rtt} ms, 1000개 중 ${lost}개 손실`,
  way_long: (mbits, rtt, lost) =>
    `${mbits} Mbit/s, 1000개 중 ${lost}개 손실, 그러나 왕복 ${rtt} ms. 더 가까운 서버나 다른 네트워크를 쓰세요`,
  way_lossy: (mbits, rtt, lost) =>
    `${mbits} Mbit/s, 왕복 ${rtt} ms, 그러나 1000개 중 ${lost}개 손실. Wi-Fi 대신 케이블이나 다른 네트워크를 쓰세요`,
  way_narrow: (mbits, wanted) =>
    `${wanted} Mbit/s 중 ${mbits}만 도착합니다. 이 네트워크를 쓰는 다른 것을 끄거나 다른 네트워크를 쓰세요`,
  phones_none: () => "열려 있는 오퍼레이터 페이지가 없습니다",
  phones_ready: (all) => `${all}대 모두 준비됨`,
  udp_silent: (host, port) =>
    `${host}이(가) UDP ${port}에서 응답하지 않습니다. 사이의 모든 방화벽에서 여세요`,
  clock_unknown: () => "클라우드가 시각을 알려 주지 않았습니다. 로그인하세요",
  clock_apart: (seconds) => `클라우드와 ${seconds}초 차이`,
  clock_wrong: (seconds) => `클라우드와 ${seconds}초 차이. 이 컴퓨터의 시계를 네트워크에 맞추세요`,
  disk_free: (gigabytes) => `${gigabytes} GB 남음`,
  power_mains: () => "전원 연결됨",

  wrong_passphrase: () => "이 세션의 암호가 아닙니다. 이 세션의 SRT 주소를 다시 복사하세요",
  not_encrypted_alike: () => "서버가 암호화를 쓰지 않거나 다른 방식을 씁니다. ReturnFeed 서버가 아닙니다",
  server_full: () => "서버가 지금 송출을 더 받지 못합니다. 다시 시도합니다",
  refused_with_code: (code) => `서버가 SRT 코드 ${code}(으)로 거절했습니다. 서버 기록을 확인하세요`,
  no_answer: (port) =>
    `서버가 응답하지 않습니다. 주소, 서버 동작 여부, UDP 포트 ${port}이(가) 열려 있는지 확인하세요`,
  server_gone: () => "서버의 응답이 끊겼습니다. 네트워크가 끊겼거나 서버가 멈췄습니다",
  server_ended: () => "서버가 송출을 끝냈습니다",
  not_srt: () => "이 포트에서 응답하는 것은 SRT 라이브 모드 5가 아닙니다",
  ended_here: () => "이 컴퓨터에서 송출을 끝냈습니다",
  stream_id_not_understood: () =>
    "서버가 스트림 아이디를 이해하지 못했습니다. 세션 페이지에서 SRT 주소 전체를 복사하세요",
  key_unknown: () => "송출 키를 모르거나 만료되었습니다. 세션 페이지에서 새로 시작하세요",
  session_unknown: () => "서버가 이 세션을 모릅니다. 서버와 세션이 맞는지 확인하세요",
  superseded: () => "다른 디렉터가 이 세션을 이어받았습니다. 되찾으려면 다시 방송을 시작하세요",
  logged_out: () => "로그아웃되었습니다. 다시 로그인하세요",
  session_ended: () => "세션이 끝났습니다. 새 세션을 만드세요",

  cloud_of_another_version: (cloud, error) =>
    `${cloud}이(가) 이 버전의 ReturnFeed 클라우드로 응답하지 않습니다(${error}). 양쪽을 업데이트하세요`,
  not_a_cloud: (cloud, status) =>
    `${cloud}의 응답(${status})은 ReturnFeed 클라우드가 아닙니다. 주소를 확인하세요`,
  cloud_unreachable: (cloud, error) => `${cloud}에 연결할 수 없습니다: ${error}`,
  uplink_no_answer: () => "클라우드 소켓이 닫힘: 제때 응답이 없습니다. 네트워크를 확인하세요",
  uplink_broke: () => "클라우드 소켓이 닫힘: 연결이 끊겼습니다. 네트워크와 클라우드가 동작하는지 확인하세요",
  uplink_does_not_greet: () => "클라우드 소켓이 닫힘: 인사가 없습니다. 양쪽을 업데이트하세요",
  uplink_spoke_first: () => "클라우드 소켓이 닫힘: 인사 전에 말했습니다. 양쪽을 업데이트하세요",
  uplink_silent: () => "클라우드 소켓이 닫힘: 12초 동안 아무 소식이 없습니다. 네트워크를 확인하세요",
  uplink_takes_nothing: () => "클라우드 소켓이 닫힘: 더 이상 받지 않습니다. 네트워크를 확인하세요",
  uplink_closed: (why) => `클라우드 소켓이 닫힘: ${why}`,

  source_frozen: () => "프레임이 오지 않습니다",
  device_absent: (name) => `${name}이(가) 없습니다. 장치를 꽂거나 다른 /dev/video 장치를 고르세요`,
  file_absent: (path) => `${path} 파일이 없습니다. 그 자리에 두면 저절로 재생됩니다`,
  file_without_picture: () => "영상이 없는 파일입니다. 영상이 있는 파일이나 장치를 고르세요",
  source_hangs: () => "드라이버나 파일 시스템에서 멈췄습니다. 장치를 뽑거나 디렉터를 다시 시작하세요",
  ndi_absent: () => "네트워크에 없습니다. 이름과 같은 네트워크에서 동작하는지 확인하세요",
  ndi_left: () => "네트워크에서 사라졌습니다. 다시 나타나면 저절로 돌아옵니다",
  file_forbidden: (path) => `${path}을(를) 읽을 수 없습니다. 이 사용자에게 읽기 권한을 주세요`,
  file_is_folder: (path) => `${path}은(는) 폴더입니다. 그 안의 파일을 고르세요`,
  file_not_opened: (path, error) => `${path}을(를) 열 수 없습니다: ${error}`,
  source_not_started: () => "시작되지 않았습니다",
  source_does_not_play: () => "재생되지 않습니다",
  source_not_again: () => "처음부터 다시 재생하지 못했습니다",
  plugin_missing: (said) => `${said}. gstreamer1.0-libav와 gstreamer1.0-plugins-bad를 설치하세요`,
  file_of_no_kind: (said) => `${said}. GStreamer가 읽을 수 없는 파일입니다`,
  device_busy: (said) => `${said}. 이것을 쓰는 다른 프로그램을 닫으세요`,
  element_missing: (name, pack) => `GStreamer에 ${name}이(가) 없습니다. ${pack}을(를) 설치하세요`,
  pipeline_broken: (error) => `파이프라인을 만들지 못했습니다(${error}). 결함이니 알려 주세요`,
  source_ended: () => "끝났습니다. 다시 엽니다",
};

/** What the engine says, in Korean; in its own words where this page does not know the code. */
export function sayInKorean(code: string, facts: readonly string[], text: string): string {
  const say = (engineKo as Readonly<Record<string, ((...facts: string[]) => string) | undefined>>)[code];
  return say === undefined ? text : say(...facts);
}
