//! Run-sheets with `gst-launch-1.0` and `gst-device-monitor-1.0` on the plugin's own file, as a user runs it.

use crate::camera::Camera;
use crate::stage::Launch;
use crate::turn;

#[test]
fn lamps_go_dark_when_the_receiving_process_is_killed() {
    let _turn = turn();
    let mut camera = Camera::start(&["--name", "orphaned"]);
    let launch = Launch::new();
    let name = format!("ndi-name={}", camera.name);
    let line =
        ["-q", "ndiproxysrc", "name=cam", &name, "tally-program=true", "cam.video_src", "!", "fakesink"];
    let mut child = launch.command("gst-launch-1.0", &line).spawn().expect("gst-launch-1.0 is installed");
    camera.shows(true, false);
    child.kill().expect("SIGKILL");
    drop(child.wait());
    camera.shows(false, false);
}

#[test]
fn a_machine_outside_the_segment_is_searched_by_extra_ips() {
    let _turn = turn();
    let camera = Camera::start(&["--name", "far"]);
    let launch = Launch::new();
    let name = format!("ndi-name={}", camera.name);
    let line = [
        "-q",
        "ndiproxysrc",
        "name=cam",
        &name,
        "extra-ips=127.0.0.1",
        "cam.video_src",
        "!",
        "fakesink",
        "num-buffers=20",
    ];
    // An empty configuration: nothing else tells the runtime where to look.
    let output = launch.command("gst-launch-1.0", &line).env("NDI_CONFIG_DIR", launch.folder()).output();
    let output = output.expect("gst-launch-1.0 is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_missing_runtime_is_a_sentence_that_says_what_to_install() {
    let _turn = turn();
    let launch = Launch::new();
    let line = ["ndiproxysrc", "url-address=127.0.0.1:5961", "!", "fakesink"];
    let output = launch
        .command("gst-launch-1.0", &line)
        .env_remove("NDI_RUNTIME_DIR_V6")
        .env_remove("NDI_RUNTIME_DIR_V5")
        .output()
        .expect("gst-launch-1.0 is installed");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(said.contains("the NDI runtime is not installed"), "{said}");
    assert!(said.contains("ndi.video") && said.contains("NDI_RUNTIME_DIR_V6"), "{said}");
}

#[test]
fn a_runtime_that_cannot_be_loaded_is_named() {
    let _turn = turn();
    let launch = Launch::new();
    let file = launch.folder().join("libndi.so.6");
    std::fs::write(&file, "not a library").expect("a temporary folder");
    let line = ["ndiproxysrc", "url-address=127.0.0.1:5961", "!", "fakesink"];
    let output = launch.command("gst-launch-1.0", &line).env("NDI_RUNTIME_DIR_V6", launch.folder()).output();
    let output = output.expect("gst-launch-1.0 is installed");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains(&*file.to_string_lossy()) && said.contains("cannot be loaded"), "{said}");
}
