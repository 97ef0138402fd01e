//! Following and no longer following, on the pages.

use crate::support::{TestServer, Visitor};

fn ada_and_grace(server: &TestServer) -> Visitor {
    Visitor::to(server).register("grace").expect(200);
    Visitor::signed_in(server, "ada")
}

#[test]
fn my_own_page_says_that_it_is_me() {
    let server = TestServer::start();
    let page = ada_and_grace(&server).page("/ada").expect(200);
    assert!(page.text().contains("This is you!"), "{page}");
    assert!(!page.shows("following this user"), "{page}");
}

#[test]
fn somebody_elses_page_says_whether_i_follow_them_and_offers_the_other() {
    let server = TestServer::start();
    let ada = ada_and_grace(&server);
    let page = ada.page("/grace").expect(200);
    assert!(page.text().contains("You are not yet following this user."), "{page}");
    assert!(page.text().contains(r#"href="/grace/follow""#), "{page}");
    ada.follow("grace").expect(200);
    let page = ada.page("/grace").expect(200);
    assert!(page.text().contains("You are currently following this user."), "{page}");
    assert!(page.text().contains(r#"href="/grace/unfollow""#), "{page}");
    assert!(!page.text().contains(r#"href="/grace/follow""#), "{page}");
}

#[test]
fn a_stranger_is_told_nothing_about_following() {
    let server = TestServer::start();
    ada_and_grace(&server);
    let page = Visitor::to(&server).page("/grace").expect(200);
    assert!(!page.shows("following this user") && !page.shows("This is you!"), "{page}");
    assert!(!page.text().contains("/grace/follow"), "{page}");
}

#[test]
fn following_works_by_link_and_by_form_and_leads_to_the_users_page() {
    let server = TestServer::start();
    let ada = ada_and_grace(&server);
    for method in ["GET", "POST"] {
        let answer = ada.request(method, "/grace/follow", &[], None).expect(302);
        assert_eq!(answer.header("location"), "/grace", "{answer}");
        let page = ada.page("/grace");
        assert!(page.flashes().iter().any(|f| f.contains("now following")), "{page}");
        assert!(page.shows("You are currently following this user."), "{page}");
        let answer = ada.request(method, "/grace/unfollow", &[], None).expect(302);
        assert_eq!(answer.header("location"), "/grace", "{answer}");
        let page = ada.page("/grace");
        assert!(page.flashes().iter().any(|f| f.contains("no longer following")), "{page}");
        assert!(page.shows("You are not yet following this user."), "{page}");
    }
}

#[test]
fn the_flash_names_the_user_between_quotes_written_as_suites_compare_them() {
    let server = TestServer::start();
    let ada = ada_and_grace(&server);
    ada.page("/");
    let page = ada.follow("grace");
    assert_eq!(page.flashes(), ["You are now following &#34;grace&#34;"], "{page}");
    let page = ada.unfollow("grace");
    assert_eq!(page.flashes(), ["You are no longer following &#34;grace&#34;"], "{page}");
}

#[test]
fn doing_it_twice_is_harmless() {
    let server = TestServer::start();
    let ada = ada_and_grace(&server);
    for _ in 0..2 {
        let page = ada.follow("grace").expect(200);
        assert!(page.shows("You are currently following this user."), "{page}");
    }
    let count = "SELECT count(*) FROM follower";
    assert_eq!(server.sql().value(count), "1");
    for _ in 0..2 {
        let page = ada.unfollow("grace").expect(200);
        assert!(page.shows("You are not yet following this user."), "{page}");
    }
}

#[test]
fn a_stranger_follows_nobody_known_or_unknown() {
    let server = TestServer::start();
    ada_and_grace(&server);
    let stranger = Visitor::to(&server);
    for path in ["/grace/follow", "/grace/unfollow", "/nobody/follow", "/nobody/unfollow"] {
        for method in ["GET", "POST"] {
            let page = stranger.request(method, path, &[], None).expect(401);
            assert!(page.link("sign in").is_some(), "{page}");
        }
    }
}

#[test]
fn nobody_cannot_be_followed() {
    let server = TestServer::start();
    let ada = ada_and_grace(&server);
    for path in ["/nobody/follow", "/nobody/unfollow"] {
        for method in ["GET", "POST"] {
            ada.request(method, path, &[], None).expect(404);
        }
    }
    assert!(ada.page("/").flashes().iter().all(|flash| !flash.contains("following")));
}

#[test]
fn follows_are_kept_in_the_originals_columns() {
    let server = TestServer::start();
    ada_and_grace(&server).follow("grace").expect(200);
    let query = r#"SELECT who.username, whom.username FROM follower
                   JOIN "user" who ON who.user_id = who_id
                   JOIN "user" whom ON whom.user_id = whom_id"#;
    assert_eq!(server.sql().row(query), ["ada", "grace"]);
}
