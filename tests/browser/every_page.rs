//! What holds for every page, whatever it shows.

use std::fs;

use crate::look::Look;
use crate::tools;
use crate::tour::visit_every_page;

#[test]
fn nobody_meets_a_barrier() {
    let mut barriers = Vec::new();
    visit_every_page(|stop| {
        for look in Look::ALL {
            stop.browser.wear(look);
            let found = stop.browser.barriers().into_iter();
            barriers.extend(found.map(|barrier| format!("{} {look}: {barrier}", stop.name)));
        }
    });
    expect_none(&barriers);
}

#[test]
fn everything_fits_the_window_and_the_preferred_brightness() {
    let mut misfits = Vec::new();
    visit_every_page(|stop| {
        for look in Look::ALL {
            stop.browser.wear(look);
            stop.browser.take_picture(stop.name, look);
            let found = stop.browser.overflow().into_iter();
            misfits.extend(found.map(|misfit| format!("{} {look}: {misfit}", stop.name)));
            if !stop.browser.has_brightness_of(look) {
                misfits.push(format!("{} {look}: another brightness", stop.name));
            }
        }
    });
    expect_none(&misfits);
}

#[test]
fn neither_browser_nor_validator_has_a_complaint() {
    let mut complaints = Vec::new();
    let mut validator = tools::program("java");
    validator.arg("-jar").arg(tools::installed("node_modules/vnu-jar/build/dist/vnu.jar"));
    visit_every_page(|stop| {
        let found = stop.browser.complaints(stop.is_error_page).into_iter();
        complaints.extend(found.map(|complaint| format!("{}: {complaint}", stop.name)));
        let file = tools::results("pages").join(format!("{}.html", stop.name));
        fs::write(&file, stop.browser.served()).unwrap();
        validator.arg(file);
    });
    // Errors and warnings, one a line, with the file in which they are.
    let verdict = validator.output().unwrap();
    complaints.extend(String::from_utf8_lossy(&verdict.stderr).lines().map(str::to_owned));
    expect_none(&complaints);
    assert!(verdict.status.success(), "{verdict:?}");
}

#[track_caller]
fn expect_none(findings: &[String]) {
    let first = findings.iter().take(40).map(String::as_str).collect::<Vec<_>>().join("\n");
    assert!(findings.is_empty(), "{} findings, among them:\n{first}", findings.len());
}
