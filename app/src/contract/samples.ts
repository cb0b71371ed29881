// GENERATED from core/protocol by `./dev gen`. Do not edit: a change belongs there, and in docs/protocol.md.

import type {
  AccountDeletion,
  AccountSummary,
  AuditEntry,
  CloudToDirector,
  CloudToPage,
  CreateAccountInvite,
  CreateInvite,
  CreateSession,
  DesktopCode,
  DesktopLogin,
  DesktopRequest,
  DirectorToCloud,
  EmailProof,
  HostNow,
  HostUser,
  HostUserPatch,
  Invite,
  JoinRequest,
  JoinResponse,
  LayerRequest,
  LoginRequest,
  LoginResponse,
  LoginSummary,
  OneTimeLink,
  PageToCloud,
  ParticipantPatch,
  ParticipantSummary,
  PasswordChange,
  PasswordReset,
  PlaceAnswer,
  PlaceRequest,
  Problem,
  PublishCredentials,
  PublishGrant,
  QualityToPage,
  RecoveryCodes,
  RecoveryCodesLeft,
  RecoveryCodesRenewal,
  RefreshRequest,
  RegisterRequest,
  SecondFactorBegin,
  SecondFactorConfirm,
  SecondFactorEnd,
  SecondFactorSecret,
  SessionCreated,
  SessionPatch,
  SetupRequest,
  Show,
  ShowEntry,
  ShowHistory,
  SignInAddress,
  SignInBegin,
  SignInFinish,
  SignInOffer,
  StreamGrant,
  SwapRequest,
  TakeoverDecision,
  Ticket,
} from "./protocol";

/** `page_to_cloud.hello.json` */
const page_to_cloud__hello: PageToCloud = {
  "camera": 1,
  "protocol": 1,
  "ticket": "used-once",
  "type": "hello"
};

/** `page_to_cloud.follow.json` */
const page_to_cloud__follow: PageToCloud = {
  "camera": 99,
  "type": "follow"
};

/** `page_to_cloud.shown.json` */
const page_to_cloud__shown: PageToCloud = {
  "camera": 1,
  "epoch": 7,
  "seq": 42,
  "tally": "program",
  "type": "shown"
};

/** `page_to_cloud.readiness.json` */
const page_to_cloud__readiness: PageToCloud = {
  "readiness": {
    "battery": {
      "charging": false,
      "percent": 64
    },
    "lan": "proven",
    "layer": "high",
    "loss_per_mille": 4,
    "picture": "playing",
    "round_trip_ms": 31,
    "screen": "ready",
    "second_way": false,
    "sound": "unarmed",
    "vibration": "impossible",
    "visible": true
  },
  "type": "readiness"
};

/** `page_to_cloud.signal.json` */
const page_to_cloud__signal: PageToCloud = {
  "signal": "hand",
  "type": "signal"
};

/** `page_to_cloud.answer.json` */
const page_to_cloud__answer: PageToCloud = {
  "answered": {
    "answer": "ready",
    "cue": {
      "epoch": 7,
      "n": 4
    }
  },
  "type": "answer"
};

/** `page_to_cloud.lan_offer.json` */
const page_to_cloud__lan_offer: PageToCloud = {
  "offer": {
    "n": 2,
    "peer": "0123456789abcdef0123456789abcdef",
    "side": {
      "fingerprint": "A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5",
      "fragment": "Wx/+",
      "password": "used/for+one+connection"
    }
  },
  "type": "lan_offer"
};

/** `page_to_cloud.delay.json` */
const page_to_cloud__delay: PageToCloud = {
  "delay": {
    "error_ms": 4,
    "ms": 38
  },
  "type": "delay"
};

/** `page_to_cloud.ping.json` */
const page_to_cloud__ping: PageToCloud = {
  "n": 3,
  "type": "ping"
};

/** `cloud_to_page.welcome.json` */
const cloud_to_page__welcome: CloudToPage = {
  "participant": "019aae02-a401-7101-8101-010101010101",
  "picture": {
    "layers": [
      "high",
      "low"
    ]
  },
  "protocol": 1,
  "role": "camera",
  "session": {
    "id": "019aae02-a400-7000-8000-000000000000",
    "name": "저녁 예배 Evening service",
    "state": "live"
  },
  "type": "welcome"
};

/** `cloud_to_page.tally.json` */
const cloud_to_page__tally: CloudToPage = {
  "age_ms": 120,
  "run_us": 7301250000,
  "state": {
    "cameras": [
      {
        "camera": 1,
        "name": "무대 왼쪽",
        "reason": {
          "code": "on_programme",
          "input": "4",
          "switcher": "ATEM ME1"
        },
        "tally": "program"
      },
      {
        "camera": 2,
        "name": "Balcony",
        "reason": {
          "code": "on_preview",
          "input": "4",
          "switcher": "ATEM ME1"
        },
        "tally": "preview"
      },
      {
        "camera": 3,
        "name": "Crane",
        "reason": {
          "code": "not_in_use"
        },
        "tally": "idle"
      },
      {
        "camera": 4,
        "name": "Roof",
        "reason": {
          "code": "not_mapped"
        },
        "tally": "unknown"
      },
      {
        "camera": 5,
        "name": "Door",
        "reason": {
          "cause": "no answer for 3 s",
          "code": "switcher_lost",
          "switcher": "ATEM ME1"
        },
        "tally": "unknown"
      },
      {
        "camera": 6,
        "name": "Jib",
        "reason": {
          "code": "input_absent",
          "input": "Crane",
          "switcher": "ATEM ME1"
        },
        "tally": "unknown"
      },
      {
        "camera": 7,
        "name": "Aisle",
        "reason": {
          "code": "every_other"
        },
        "tally": "preview"
      },
      {
        "camera": 8,
        "name": "Pit",
        "reason": {
          "code": "test"
        },
        "tally": "program"
      }
    ],
    "epoch": 7,
    "seq": 42
  },
  "type": "tally"
};

/** `cloud_to_page.cue.json` */
const cloud_to_page__cue: CloudToPage = {
  "answered": null,
  "cue": {
    "id": {
      "epoch": 7,
      "n": 4
    },
    "text": "와이드 wide 3-2-1",
    "to": 1
  },
  "silent": true,
  "type": "cue"
};

/** `cloud_to_page.session.json` */
const cloud_to_page__session: CloudToPage = {
  "session": {
    "id": "019aae02-a400-7000-8000-000000000000",
    "name": "저녁 예배 Evening service",
    "state": "live"
  },
  "type": "session"
};

/** `cloud_to_page.place.json` */
const cloud_to_page__place: CloudToPage = {
  "place": {
    "asked_by": [
      {
        "name": "지수",
        "participant": "019aae02-a401-7101-8101-010101010101"
      }
    ],
    "asks": null,
    "camera": 3,
    "name": "Ada"
  },
  "type": "place"
};

/** `cloud_to_page.picture.json` */
const cloud_to_page__picture: CloudToPage = {
  "picture": {
    "layers": [
      "high",
      "low"
    ]
  },
  "type": "picture"
};

/** `cloud_to_page.lan_answer_open.json` */
const cloud_to_page__lan_answer_open: CloudToPage = {
  "answer": {
    "addresses": [
      {
        "ip": "192.168.1.5",
        "port": 8444
      },
      {
        "ip": "fd00::5",
        "port": 8444
      }
    ],
    "n": 2,
    "side": {
      "fingerprint": "A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5",
      "fragment": "Wx/+",
      "password": "used/for+one+connection"
    },
    "state": "open"
  },
  "type": "lan_answer"
};

/** `cloud_to_page.lan_answer_closed.json` */
const cloud_to_page__lan_answer_closed: CloudToPage = {
  "answer": {
    "n": 2,
    "state": "closed"
  },
  "type": "lan_answer"
};

/** `cloud_to_page.pong.json` */
const cloud_to_page__pong: CloudToPage = {
  "capture_error_us": 2400,
  "n": 3,
  "run_us": 7302000000,
  "type": "pong",
  "unix_us": 1763856000123456
};

/** `cloud_to_page.draining.json` */
const cloud_to_page__draining: CloudToPage = {
  "elsewhere": true,
  "type": "draining",
  "within_ms": 20000
};

/** `cloud_to_page.bye.json` */
const cloud_to_page__bye: CloudToPage = {
  "problem": {
    "code": "stale_director",
    "detail": "Close this one, or press \"take over\" to make it the director again.",
    "status": 409,
    "title": "A newer director has taken over."
  },
  "type": "bye"
};

/** `director_to_cloud.hello.json` */
const director_to_cloud__hello: DirectorToCloud = {
  "epoch": 7,
  "protocol": 1,
  "software": "returnfeed-director 0.1.0",
  "ticket": "used-once",
  "type": "hello"
};

/** `director_to_cloud.tally.json` */
const director_to_cloud__tally: DirectorToCloud = {
  "run_us": 86400250000,
  "state": {
    "cameras": [
      {
        "camera": 1,
        "name": "무대 왼쪽",
        "reason": {
          "code": "on_programme",
          "input": "4",
          "switcher": "ATEM ME1"
        },
        "tally": "program"
      },
      {
        "camera": 2,
        "name": "Balcony",
        "reason": {
          "code": "on_preview",
          "input": "4",
          "switcher": "ATEM ME1"
        },
        "tally": "preview"
      },
      {
        "camera": 3,
        "name": "Crane",
        "reason": {
          "code": "not_in_use"
        },
        "tally": "idle"
      },
      {
        "camera": 4,
        "name": "Roof",
        "reason": {
          "code": "not_mapped"
        },
        "tally": "unknown"
      },
      {
        "camera": 5,
        "name": "Door",
        "reason": {
          "cause": "no answer for 3 s",
          "code": "switcher_lost",
          "switcher": "ATEM ME1"
        },
        "tally": "unknown"
      },
      {
        "camera": 6,
        "name": "Jib",
        "reason": {
          "code": "input_absent",
          "input": "Crane",
          "switcher": "ATEM ME1"
        },
        "tally": "unknown"
      },
      {
        "camera": 7,
        "name": "Aisle",
        "reason": {
          "code": "every_other"
        },
        "tally": "preview"
      },
      {
        "camera": 8,
        "name": "Pit",
        "reason": {
          "code": "test"
        },
        "tally": "program"
      }
    ],
    "epoch": 7,
    "seq": 42
  },
  "type": "tally"
};

/** `director_to_cloud.cues.json` */
const director_to_cloud__cues: DirectorToCloud = {
  "sheet": {
    "cues": [
      {
        "id": {
          "epoch": 7,
          "n": 4
        },
        "text": "와이드 wide 3-2-1",
        "to": 1
      }
    ],
    "silent": true
  },
  "type": "cues"
};

/** `director_to_cloud.lan_answer.json` */
const director_to_cloud__lan_answer: DirectorToCloud = {
  "answer": {
    "addresses": [
      {
        "ip": "192.168.1.5",
        "port": 8444
      },
      {
        "ip": "fd00::5",
        "port": 8444
      }
    ],
    "n": 2,
    "side": {
      "fingerprint": "A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5",
      "fragment": "Wx/+",
      "password": "used/for+one+connection"
    },
    "state": "open"
  },
  "page": 3,
  "type": "lan_answer"
};

/** `director_to_cloud.clock.json` */
const director_to_cloud__clock: DirectorToCloud = {
  "n": 5,
  "run_us": 86400250400,
  "type": "clock",
  "unix_us": 1763856000120000
};

/** `cloud_to_director.welcome.json` */
const cloud_to_director__welcome: CloudToDirector = {
  "protocol": 1,
  "session": {
    "id": "019aae02-a400-7000-8000-000000000000",
    "name": "저녁 예배 Evening service",
    "state": "live"
  },
  "software": "returnfeed-cloud 0.1.0",
  "type": "welcome"
};

/** `cloud_to_director.keyframe_request.json` */
const cloud_to_director__keyframe_request: CloudToDirector = {
  "layer": "low",
  "type": "keyframe_request"
};

/** `cloud_to_director.ingest_receiving.json` */
const cloud_to_director__ingest_receiving: CloudToDirector = {
  "ingest": {
    "problems": [],
    "state": "receiving"
  },
  "layer": "high",
  "type": "ingest"
};

/** `cloud_to_director.ingest_impaired.json` */
const cloud_to_director__ingest_impaired: CloudToDirector = {
  "ingest": {
    "problems": [
      {
        "code": "audio_codec",
        "detail": "AAC sound cannot go to WebRTC without transcoding: choose Opus",
        "status": 415,
        "title": "Some of the push cannot be used"
      }
    ],
    "state": "receiving"
  },
  "layer": "high",
  "type": "ingest"
};

/** `cloud_to_director.ingest_absent.json` */
const cloud_to_director__ingest_absent: CloudToDirector = {
  "ingest": {
    "state": "absent"
  },
  "layer": "high",
  "type": "ingest"
};

/** `cloud_to_director.ingest_refused.json` */
const cloud_to_director__ingest_refused: CloudToDirector = {
  "ingest": {
    "problem": {
      "code": "stale_director",
      "detail": "Close this one, or press \"take over\" to make it the director again.",
      "status": 409,
      "title": "A newer director has taken over."
    },
    "state": "refused"
  },
  "layer": "high",
  "type": "ingest"
};

/** `cloud_to_director.operator.json` */
const cloud_to_director__operator: CloudToDirector = {
  "page": 3,
  "presence": {
    "answered": {
      "answer": "ready",
      "cue": {
        "epoch": 7,
        "n": 4
      }
    },
    "asks": null,
    "camera": 1,
    "delay": {
      "error_ms": 4,
      "ms": 38
    },
    "name": "지수",
    "participant": "019aae02-a401-7101-8101-010101010101",
    "readiness": {
      "battery": {
        "charging": false,
        "percent": 64
      },
      "lan": "proven",
      "layer": "high",
      "loss_per_mille": 4,
      "picture": "playing",
      "round_trip_ms": 31,
      "screen": "ready",
      "second_way": false,
      "sound": "unarmed",
      "vibration": "impossible",
      "visible": true
    },
    "shows": "program",
    "signal": "problem"
  },
  "type": "operator"
};

/** `cloud_to_director.operator_gone.json` */
const cloud_to_director__operator_gone: CloudToDirector = {
  "page": 3,
  "presence": null,
  "type": "operator"
};

/** `cloud_to_director.viewers.json` */
const cloud_to_director__viewers: CloudToDirector = {
  "type": "viewers",
  "viewers": 12
};

/** `cloud_to_director.shown.json` */
const cloud_to_director__shown: CloudToDirector = {
  "shown": [
    {
      "camera": 1,
      "epoch": 7,
      "page": 3,
      "seq": 42,
      "tally": "program"
    }
  ],
  "type": "shown"
};

/** `cloud_to_director.delay.json` */
const cloud_to_director__delay: CloudToDirector = {
  "delay": {
    "error_ms": 4,
    "ms": 38
  },
  "page": 3,
  "type": "delay"
};

/** `cloud_to_director.lan_offer.json` */
const cloud_to_director__lan_offer: CloudToDirector = {
  "offer": {
    "n": 2,
    "peer": "0123456789abcdef0123456789abcdef",
    "side": {
      "fingerprint": "A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5:A5",
      "fragment": "Wx/+",
      "password": "used/for+one+connection"
    }
  },
  "page": 3,
  "type": "lan_offer"
};

/** `cloud_to_director.clock_request.json` */
const cloud_to_director__clock_request: CloudToDirector = {
  "ahead_us": -1250,
  "n": 5,
  "type": "clock_request"
};

/** `cloud_to_director.bye.json` */
const cloud_to_director__bye: CloudToDirector = {
  "problem": {
    "code": "stale_director",
    "detail": "Close this one, or press \"take over\" to make it the director again.",
    "status": 409,
    "title": "A newer director has taken over."
  },
  "type": "bye"
};

/** `http.problem.json` */
const http__problem: Problem = {
  "code": "stale_director",
  "detail": "Close this one, or press \"take over\" to make it the director again.",
  "status": 409,
  "title": "A newer director has taken over."
};

/** `http.setup_request.json` */
const http__setup_request: SetupRequest = {
  "email": "director@example.org",
  "name": "Director",
  "password": "not a real one",
  "refresh": "body",
  "setup_token": "printed-once"
};

/** `http.login_request.json` */
const http__login_request: LoginRequest = {
  "code": "287082",
  "email": "director@example.org",
  "password": "not a real one",
  "refresh": "cookie"
};

/** `http.login_response.json` */
const http__login_response: LoginResponse = {
  "access_token": "header.claims.signature",
  "account": {
    "email": "director@example.org",
    "email_verified": false,
    "has_password": true,
    "host": true,
    "id": "019aae02-a403-7303-8303-030303030303",
    "name": "Director",
    "second_factor": "missing"
  },
  "expires_in": 600,
  "refresh_token": "good-once"
};

/** `http.register_request.json` */
const http__register_request: RegisterRequest = {
  "email": "operator@example.org",
  "invite": "good-once",
  "name": "Operator",
  "password": "not a real one",
  "refresh": "cookie"
};

/** `http.refresh_request.json` */
const http__refresh_request: RefreshRequest = {
  "refresh_token": "good-once"
};

/** `http.password_change.json` */
const http__password_change: PasswordChange = {
  "current": "not a real one",
  "password": "nor is this"
};

/** `http.password_reset.json` */
const http__password_reset: PasswordReset = {
  "password": "nor is this",
  "token": "good-once"
};

/** `http.email_proof.json` */
const http__email_proof: EmailProof = {
  "token": "good-once"
};

/** `http.login_summary.json` */
const http__login_summary: LoginSummary = {
  "address": "192.0.2.7",
  "agent": "Mozilla/5.0 (Linux; Android 14)",
  "created_at": 1763856000000,
  "current": true,
  "id": "019ab0d2-7c00-7000-8000-000000000009",
  "used_at": 1763856060000
};

/** `http.account_deletion.json` */
const http__account_deletion: AccountDeletion = {
  "password": "not a real one"
};

/** `http.create_account_invite.json` */
const http__create_account_invite: CreateAccountInvite = {
  "email": "operator@example.org"
};

/** `http.one_time_link.json` */
const http__one_time_link: OneTimeLink = {
  "expires_at": 1763856604800,
  "path": "/account/#register/good-once",
  "token": "good-once"
};

/** `http.second_factor_begin.json` */
const http__second_factor_begin: SecondFactorBegin = {
  "password": "not a real one"
};

/** `http.second_factor_secret.json` */
const http__second_factor_secret: SecondFactorSecret = {
  "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
};

/** `http.second_factor_confirm.json` */
const http__second_factor_confirm: SecondFactorConfirm = {
  "code": "287082"
};

/** `http.recovery_codes.json` */
const http__recovery_codes: RecoveryCodes = {
  "codes": [
    "K7QM-4XTP-9HDR-2WVN-0123-ABCD"
  ]
};

/** `http.recovery_codes_left.json` */
const http__recovery_codes_left: RecoveryCodesLeft = {
  "recovery_codes_left": 7
};

/** `http.recovery_codes_renewal.json` */
const http__recovery_codes_renewal: RecoveryCodesRenewal = {
  "code": "287082",
  "password": "not a real one"
};

/** `http.second_factor_end.json` */
const http__second_factor_end: SecondFactorEnd = {
  "code": "287082",
  "password": "not a real one"
};

/** `http.account_summary.json` */
const http__account_summary: AccountSummary = {
  "email": "director@example.org",
  "email_verified": false,
  "has_password": true,
  "host": true,
  "id": "019aae02-a403-7303-8303-030303030303",
  "name": "Director",
  "second_factor": "missing"
};

/** `http.create_session.json` */
const http__create_session: CreateSession = {
  "name": "저녁 예배 Evening service",
  "public_layer": "low"
};

/** `http.session_created.json` */
const http__session_created: SessionCreated = {
  "camera_code": "K7QM-4XTP",
  "public_layer": "low",
  "session": {
    "id": "019aae02-a400-7000-8000-000000000000",
    "name": "저녁 예배 Evening service",
    "state": "live"
  },
  "viewer_code": "9HDR-2WVN"
};

/** `http.session_patch.json` */
const http__session_patch: SessionPatch = {
  "name": "저녁 예배 Evening service",
  "public_layer": "high",
  "state": "ended"
};

/** `http.join_request.json` */
const http__join_request: JoinRequest = {
  "code": "K7QM-4XTP",
  "name": "지수"
};

/** `http.join_response.json` */
const http__join_response: JoinResponse = {
  "camera": null,
  "expires_at": 1763942400000,
  "max_layer": "high",
  "name": "지수",
  "offered": null,
  "participant": "019aae02-a401-7101-8101-010101010101",
  "role": "camera",
  "session": {
    "id": "019aae02-a400-7000-8000-000000000000",
    "name": "저녁 예배 Evening service",
    "state": "live"
  },
  "token": "header.claims.signature"
};

/** `http.stream_grant.json` */
const http__stream_grant: StreamGrant = {
  "expires_at": 1763942400000,
  "max_layer": "high",
  "whep_url": "/whep/019aae02-a400-7000-8000-000000000000"
};

/** `http.ticket.json` */
const http__ticket: Ticket = {
  "ticket": "used-once"
};

/** `http.layer_request.json` */
const http__layer_request: LayerRequest = {
  "mediaId": "1",
  "rid": "low"
};

/** `http.create_invite.json` */
const http__create_invite: CreateInvite = {
  "camera": 3,
  "label": "Crane",
  "max_layer": "high",
  "max_uses": 1,
  "role": "camera",
  "valid_for_ms": 86400000
};

/** `http.invite.json` */
const http__invite: Invite = {
  "camera": 3,
  "code": "K7QMA-4XTPB",
  "expires_at": 1763942400000,
  "id": "019aae02-a404-7404-8404-040404040404",
  "label": "Crane",
  "max_layer": null,
  "max_uses": 1,
  "path": "/camera/#K7QMA4XTPB",
  "revoked_at": null,
  "role": "camera",
  "state": "open",
  "uses": 0
};

/** `http.place_request.json` */
const http__place_request: PlaceRequest = {
  "camera": 3,
  "name": "Ada",
  "wish": "take_over"
};

/** `http.place_answer.json` */
const http__place_answer: PlaceAnswer = {
  "place": {
    "asked_by": [
      {
        "name": "지수",
        "participant": "019aae02-a401-7101-8101-010101010101"
      }
    ],
    "asks": null,
    "camera": 3,
    "name": "Ada"
  },
  "taken_by": [
    "지수"
  ]
};

/** `http.participant_summary.json` */
const http__participant_summary: ParticipantSummary = {
  "asks": null,
  "camera": 3,
  "connected": true,
  "joined_at": 1763856000001,
  "name": "지수",
  "participant": "019aae02-a401-7101-8101-010101010101",
  "role": "camera"
};

/** `http.participant_patch.json` */
const http__participant_patch: ParticipantPatch = {
  "camera": null,
  "name": "Ada"
};

/** `http.swap_request.json` */
const http__swap_request: SwapRequest = {
  "one": "019aae02-a401-7101-8101-010101010101",
  "other": "019aae02-a405-7505-8505-050505050505"
};

/** `http.takeover_decision.json` */
const http__takeover_decision: TakeoverDecision = {
  "allow": true
};

/** `http.publish_credentials.json` */
const http__publish_credentials: PublishCredentials = {
  "expires_at": 1763942400000,
  "high": {
    "ffmpeg": "ffmpeg -re -i FILE -f mpegts 'srt://feed.example:8890?mode=caller'",
    "obs": "srt://feed.example:8890?mode=caller",
    "url": "srt://feed.example:8890?mode=caller",
    "vmix": "Type: Caller\nHostname: feed.example\nPort: 8890"
  },
  "low": {
    "ffmpeg": "ffmpeg -re -i FILE -f mpegts 'srt://feed.example:8890?mode=caller'",
    "obs": "srt://feed.example:8890?mode=caller",
    "url": "srt://feed.example:8890?mode=caller",
    "vmix": "Type: Caller\nHostname: feed.example\nPort: 8890"
  },
  "srt": {
    "latency_ms": 20,
    "passphrase": "not a real passphrase",
    "port": 8890,
    "stream_id_high": "#!::m=publish,r=019aae02-a400-7000-8000-000000000000,layer=high,k=019aae02-a402-7202-8202-020202020202",
    "stream_id_low": "#!::m=publish,r=019aae02-a400-7000-8000-000000000000,layer=low,k=019aae02-a402-7202-8202-020202020202"
  }
};

/** `http.publish_grant.json` */
const http__publish_grant: PublishGrant = {
  "epoch": 7,
  "expires_at": 1763942400000,
  "key": "019aae02-a402-7202-8202-020202020202",
  "srt": {
    "latency_ms": 20,
    "passphrase": "not a real passphrase",
    "port": 8890,
    "stream_id_high": "#!::m=publish,r=019aae02-a400-7000-8000-000000000000,layer=high,k=019aae02-a402-7202-8202-020202020202",
    "stream_id_low": "#!::m=publish,r=019aae02-a400-7000-8000-000000000000,layer=low,k=019aae02-a402-7202-8202-020202020202"
  }
};

/** `quality_to_page.history.json` */
const quality_to_page__history: QualityToPage = {
  "seconds": [
    {
      "at_ms": 1763856060000,
      "loss": null,
      "pushes": [],
      "rtt_ms": null,
      "viewers": {
        "high": 11,
        "low": 2,
        "waiting": 1
      }
    },
    {
      "at_ms": 1763856060000,
      "loss": {
        "median": 0.001,
        "worst": 0.0421
      },
      "pushes": [
        {
          "bitrate": 1060000,
          "delay_ms": 41.5,
          "dropped": 0,
          "layer": "high",
          "loss": 0.0125,
          "repeated": 2,
          "rtt_ms": 30.2
        },
        {
          "bitrate": 118000,
          "delay_ms": null,
          "dropped": 0,
          "layer": "low",
          "loss": 0.0125,
          "repeated": 2,
          "rtt_ms": 30.2
        }
      ],
      "rtt_ms": {
        "median": 24.5,
        "worst": 180.3
      },
      "viewers": {
        "high": 11,
        "low": 2,
        "waiting": 1
      }
    }
  ],
  "session": {
    "id": "019aae02-a400-7000-8000-000000000000",
    "name": "저녁 예배 Evening service",
    "state": "live"
  },
  "switches": [
    {
      "at_ms": 1763856059400,
      "from": null,
      "name": "지수",
      "participant": "019aae02-a401-7101-8101-010101010101",
      "reason": "loss",
      "to": "low",
      "viewer": "019aae02-a404-7404-8404-040404040404"
    },
    {
      "at_ms": 1763856059400,
      "from": "high",
      "name": "지수",
      "participant": "019aae02-a401-7101-8101-010101010101",
      "reason": "loss",
      "to": "low",
      "viewer": "019aae02-a404-7404-8404-040404040404"
    }
  ],
  "type": "history"
};

/** `quality_to_page.second.json` */
const quality_to_page__second: QualityToPage = {
  "more": 13,
  "second": {
    "at_ms": 1763856060000,
    "loss": {
      "median": 0.001,
      "worst": 0.0421
    },
    "pushes": [
      {
        "bitrate": 1060000,
        "delay_ms": 41.5,
        "dropped": 0,
        "layer": "high",
        "loss": 0.0125,
        "repeated": 2,
        "rtt_ms": 30.2
      },
      {
        "bitrate": 118000,
        "delay_ms": null,
        "dropped": 0,
        "layer": "low",
        "loss": 0.0125,
        "repeated": 2,
        "rtt_ms": 30.2
      }
    ],
    "rtt_ms": {
      "median": 24.5,
      "worst": 180.3
    },
    "viewers": {
      "high": 11,
      "low": 2,
      "waiting": 1
    }
  },
  "type": "second",
  "viewers": [
    {
      "bandwidth": 640000,
      "for_ms": 600,
      "layer": "low",
      "loss": 0.0421,
      "name": "지수",
      "participant": "019aae02-a401-7101-8101-010101010101",
      "reason": "loss",
      "role": "viewer",
      "rtt_ms": 180.3,
      "viewer": "019aae02-a404-7404-8404-040404040404"
    }
  ]
};

/** `quality_to_page.switched.json` */
const quality_to_page__switched: QualityToPage = {
  "switch": {
    "at_ms": 1763856059400,
    "from": "high",
    "name": "지수",
    "participant": "019aae02-a401-7101-8101-010101010101",
    "reason": "loss",
    "to": "low",
    "viewer": "019aae02-a404-7404-8404-040404040404"
  },
  "type": "switched"
};

/** `quality_to_page.bye.json` */
const quality_to_page__bye: QualityToPage = {
  "problem": {
    "code": "stale_director",
    "detail": "Close this one, or press \"take over\" to make it the director again.",
    "status": 409,
    "title": "A newer director has taken over."
  },
  "type": "bye"
};

/** `show.v1.json` */
const show__v1: Show = {
  "cameras": [
    {
      "camera": 1,
      "feeds": [
        {
          "links": [
            {
              "input": "5",
              "switcher": "vMix"
            },
            {
              "input": "4",
              "switcher": "van"
            }
          ]
        },
        {
          "links": [
            {
              "input": "Sony FX3",
              "switcher": "OBS"
            }
          ]
        }
      ],
      "name": "무대 왼쪽"
    }
  ],
  "green": "every_other",
  "keys": {
    "cut": "Space",
    "hot_cut:1": "Shift+Digit1",
    "preview:1": "Digit1"
  },
  "name": "저녁 예배 Evening service",
  "outputs": [
    {
      "layer": "high",
      "name": "Truck",
      "target": {
        "host": "srt.example.org",
        "kind": "srt",
        "latency_ms": 120,
        "passphrase": {
          "secret": "truck"
        },
        "port": 9000,
        "stream_id": "truck"
      }
    }
  ],
  "programme": {
    "mode": "beside",
    "source": 4
  },
  "quality": {
    "encoder": "x264enc",
    "high_bitrate": 1000000,
    "low_bitrate": 100000
  },
  "returnfeed_show": 1,
  "sources": [
    {
      "input": {
        "kind": "test"
      },
      "name": "Bars"
    },
    {
      "input": {
        "kind": "file",
        "path": "/srv/opener.mp4"
      },
      "name": "Opener"
    },
    {
      "camera": 2,
      "input": {
        "device": "/dev/video0",
        "kind": "v4l2"
      },
      "name": "Balcony"
    },
    {
      "camera": 1,
      "input": {
        "kind": "ndi",
        "name": "STUDIO (CAM 1)"
      },
      "name": "무대 왼쪽"
    },
    {
      "camera": 3,
      "input": {
        "address": "192.168.1.20:5961",
        "kind": "ndi_address"
      },
      "name": ""
    }
  ],
  "switchers": [
    {
      "host": "10.0.0.5",
      "name": "vMix",
      "protocol": {
        "kind": "vmix"
      }
    },
    {
      "host": "obs.local",
      "name": "OBS",
      "port": 4455,
      "protocol": {
        "kind": "obs",
        "password": {
          "secret": "obs-studio"
        }
      }
    },
    {
      "host": "10.0.0.7",
      "name": "van",
      "protocol": {
        "kind": "atem"
      }
    },
    {
      "host": "0.0.0.0",
      "name": "umd",
      "port": 8900,
      "protocol": {
        "displays": [
          {
            "display": 7,
            "preview": 1,
            "programme": 4
          }
        ],
        "kind": "tsl",
        "preview": 2,
        "programme": 1,
        "screen": 1,
        "silence_s": 30,
        "transport": "tcp",
        "version": "5.0"
      }
    }
  ]
};

/** `show.v1_least.json` */
const show__v1_least: Show = {
  "cameras": [],
  "green": "preview",
  "keys": {},
  "name": "Sunday",
  "outputs": [],
  "programme": {
    "mode": "own"
  },
  "quality": {},
  "returnfeed_show": 1,
  "sources": [],
  "switchers": []
};

/** `http.show_entry.json` */
const http__show_entry: ShowEntry = {
  "digest": "abababababababababababababababababababababababababababababababab",
  "etag": "\"7-abababababababab\"",
  "id": "019aae02-a404-7404-8404-040404040404",
  "name": "저녁 예배 Evening service",
  "updated_at": 1763856000000,
  "version": 7
};

/** `http.show_entry_deleted.json` */
const http__show_entry_deleted: ShowEntry = {
  "id": "019aae02-a404-7404-8404-040404040404",
  "name": "저녁 예배 Evening service",
  "updated_at": 1763856000000,
  "version": 8
};

/** `http.show_history.json` */
const http__show_history: ShowHistory = {
  "now": {
    "digest": "abababababababababababababababababababababababababababababababab",
    "etag": "\"7-abababababababab\"",
    "id": "019aae02-a404-7404-8404-040404040404",
    "name": "저녁 예배 Evening service",
    "updated_at": 1763856000000,
    "version": 7
  },
  "versions": [
    {
      "digest": "abababababababababababababababababababababababababababababababab",
      "machine": "Studio",
      "name": "저녁 예배 Evening service",
      "saved_at": 1763856000000,
      "version": 7
    }
  ]
};

/** `http.sign_in_offer.json` */
const http__sign_in_offer: SignInOffer = {
  "provider": {
    "name": "Google",
    "origin": "https://live.example.org"
  },
  "registration": "invite",
  "set_up": true
};

/** `http.sign_in_begin.json` */
const http__sign_in_begin: SignInBegin = {
  "invite": "q7Zt4m"
};

/** `http.sign_in_address.json` */
const http__sign_in_address: SignInAddress = {
  "address": "https://accounts.google.com/o/oauth2/v2/auth?client_id=us&code_challenge_method=S256"
};

/** `http.sign_in_finish.json` */
const http__sign_in_finish: SignInFinish = {
  "code": "287082",
  "password": "correct horse",
  "waiting": "p0Vd2w"
};

/** `http.desktop_request.json` */
const http__desktop_request: DesktopRequest = {
  "challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
};

/** `http.desktop_code.json` */
const http__desktop_code: DesktopCode = {
  "code": "R8kU2f"
};

/** `http.desktop_login.json` */
const http__desktop_login: DesktopLogin = {
  "code": "R8kU2f",
  "verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
};

/** `http.host_user.json` */
const http__host_user: HostUser = {
  "created_at": 1763856000000,
  "disabled": true,
  "elsewhere": true,
  "email": "ada@example.org",
  "email_verified": false,
  "host": false,
  "id": "019aae02-a405-7505-8505-050505050505",
  "name": "에이다 Ada",
  "second_factor": true,
  "sessions": 3
};

/** `http.host_user_patch.json` */
const http__host_user_patch: HostUserPatch = {
  "disabled": false,
  "host": true
};

/** `http.host_now.json` */
const http__host_now: HostNow = {
  "at": 1763856060000,
  "audit_days": 365,
  "connected": 15,
  "process": {
    "cpu_ms": 61250,
    "max_files": 65536,
    "open_files": 73,
    "resident_bytes": 48000000
  },
  "sessions": [
    {
      "arriving": 1120000,
      "by": "에이다 Ada",
      "created_at": 1763856000000,
      "session": {
        "id": "019aae02-a400-7000-8000-000000000000",
        "name": "저녁 예배 Evening service",
        "state": "live"
      },
      "viewers": 12
    }
  ],
  "viewers": 12
};

/** `http.audit_entry.json` */
const http__audit_entry: AuditEntry = {
  "address": "192.0.2.7",
  "at": 1763856060000,
  "detail": "{}",
  "id": "019ab0d2-7c00-7000-8000-000000000006",
  "session": "019aae02-a400-7000-8000-000000000000",
  "what": "session.ended",
  "who": "에이다 Ada"
};

/** Every golden message by the name of its file. */
export const samples = {
  "page_to_cloud.hello": page_to_cloud__hello,
  "page_to_cloud.follow": page_to_cloud__follow,
  "page_to_cloud.shown": page_to_cloud__shown,
  "page_to_cloud.readiness": page_to_cloud__readiness,
  "page_to_cloud.signal": page_to_cloud__signal,
  "page_to_cloud.answer": page_to_cloud__answer,
  "page_to_cloud.lan_offer": page_to_cloud__lan_offer,
  "page_to_cloud.delay": page_to_cloud__delay,
  "page_to_cloud.ping": page_to_cloud__ping,
  "cloud_to_page.welcome": cloud_to_page__welcome,
  "cloud_to_page.tally": cloud_to_page__tally,
  "cloud_to_page.cue": cloud_to_page__cue,
  "cloud_to_page.session": cloud_to_page__session,
  "cloud_to_page.place": cloud_to_page__place,
  "cloud_to_page.picture": cloud_to_page__picture,
  "cloud_to_page.lan_answer_open": cloud_to_page__lan_answer_open,
  "cloud_to_page.lan_answer_closed": cloud_to_page__lan_answer_closed,
  "cloud_to_page.pong": cloud_to_page__pong,
  "cloud_to_page.draining": cloud_to_page__draining,
  "cloud_to_page.bye": cloud_to_page__bye,
  "director_to_cloud.hello": director_to_cloud__hello,
  "director_to_cloud.tally": director_to_cloud__tally,
  "director_to_cloud.cues": director_to_cloud__cues,
  "director_to_cloud.lan_answer": director_to_cloud__lan_answer,
  "director_to_cloud.clock": director_to_cloud__clock,
  "cloud_to_director.welcome": cloud_to_director__welcome,
  "cloud_to_director.keyframe_request": cloud_to_director__keyframe_request,
  "cloud_to_director.ingest_receiving": cloud_to_director__ingest_receiving,
  "cloud_to_director.ingest_impaired": cloud_to_director__ingest_impaired,
  "cloud_to_director.ingest_absent": cloud_to_director__ingest_absent,
  "cloud_to_director.ingest_refused": cloud_to_director__ingest_refused,
  "cloud_to_director.operator": cloud_to_director__operator,
  "cloud_to_director.operator_gone": cloud_to_director__operator_gone,
  "cloud_to_director.viewers": cloud_to_director__viewers,
  "cloud_to_director.shown": cloud_to_director__shown,
  "cloud_to_director.delay": cloud_to_director__delay,
  "cloud_to_director.lan_offer": cloud_to_director__lan_offer,
  "cloud_to_director.clock_request": cloud_to_director__clock_request,
  "cloud_to_director.bye": cloud_to_director__bye,
  "http.problem": http__problem,
  "http.setup_request": http__setup_request,
  "http.login_request": http__login_request,
  "http.login_response": http__login_response,
  "http.register_request": http__register_request,
  "http.refresh_request": http__refresh_request,
  "http.password_change": http__password_change,
  "http.password_reset": http__password_reset,
  "http.email_proof": http__email_proof,
  "http.login_summary": http__login_summary,
  "http.account_deletion": http__account_deletion,
  "http.create_account_invite": http__create_account_invite,
  "http.one_time_link": http__one_time_link,
  "http.second_factor_begin": http__second_factor_begin,
  "http.second_factor_secret": http__second_factor_secret,
  "http.second_factor_confirm": http__second_factor_confirm,
  "http.recovery_codes": http__recovery_codes,
  "http.recovery_codes_left": http__recovery_codes_left,
  "http.recovery_codes_renewal": http__recovery_codes_renewal,
  "http.second_factor_end": http__second_factor_end,
  "http.account_summary": http__account_summary,
  "http.create_session": http__create_session,
  "http.session_created": http__session_created,
  "http.session_patch": http__session_patch,
  "http.join_request": http__join_request,
  "http.join_response": http__join_response,
  "http.stream_grant": http__stream_grant,
  "http.ticket": http__ticket,
  "http.layer_request": http__layer_request,
  "http.create_invite": http__create_invite,
  "http.invite": http__invite,
  "http.place_request": http__place_request,
  "http.place_answer": http__place_answer,
  "http.participant_summary": http__participant_summary,
  "http.participant_patch": http__participant_patch,
  "http.swap_request": http__swap_request,
  "http.takeover_decision": http__takeover_decision,
  "http.publish_credentials": http__publish_credentials,
  "http.publish_grant": http__publish_grant,
  "quality_to_page.history": quality_to_page__history,
  "quality_to_page.second": quality_to_page__second,
  "quality_to_page.switched": quality_to_page__switched,
  "quality_to_page.bye": quality_to_page__bye,
  "show.v1": show__v1,
  "show.v1_least": show__v1_least,
  "http.show_entry": http__show_entry,
  "http.show_entry_deleted": http__show_entry_deleted,
  "http.show_history": http__show_history,
  "http.sign_in_offer": http__sign_in_offer,
  "http.sign_in_begin": http__sign_in_begin,
  "http.sign_in_address": http__sign_in_address,
  "http.sign_in_finish": http__sign_in_finish,
  "http.desktop_request": http__desktop_request,
  "http.desktop_code": http__desktop_code,
  "http.desktop_login": http__desktop_login,
  "http.host_user": http__host_user,
  "http.host_user_patch": http__host_user_patch,
  "http.host_now": http__host_now,
  "http.audit_entry": http__audit_entry,
};
