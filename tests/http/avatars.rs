//! The pictures beside the messages.

use crate::support::{Answer, Launch, TestServer, Visitor};

fn pictures(page: &Answer) -> Vec<String> {
    page.elements("img", "").iter().map(|img| img.attribute("src")).collect()
}

#[test]
fn pictures_are_minitwits_own() {
    let server = TestServer::start();
    let ada = Visitor::signed_in(&server, "ada");
    let page = ada.post("hello").expect(200);
    let pictures = pictures(&page);
    assert!(!pictures.is_empty(), "{page}");
    for path in pictures {
        assert!(path.starts_with('/') && !path.starts_with("//"), "{path}");
        let picture = ada.get(&path).expect(200);
        assert!(picture.header("content-type").starts_with("image/"), "{picture}");
        assert!(!picture.body.is_empty());
    }
}

#[test]
fn a_picture_belongs_to_an_address_and_does_not_reveal_it() {
    let server = TestServer::start();
    let mut seen = Vec::new();
    for (name, email) in
        [("ada", "ada@example.org"), ("ada2", " ADA@example.org "), ("grace", "grace@example.org")]
    {
        let visitor = Visitor::to(&server);
        visitor.register_as(name, email, "x", "x").expect(200);
        visitor.sign_in_with(name, "x").expect(200);
        visitor.post("hello").expect(200);
        let page = visitor.page(&format!("/{name}")).expect(200);
        assert!(!page.text().contains("example.org"), "{page}");
        // The MD5 that the original gave away.
        assert!(!page.text().contains(ADA_MD5), "{page}");
        seen.push(pictures(&page).last().unwrap().clone());
    }
    assert_eq!(seen[0], seen[1]);
    assert_ne!(seen[0], seen[2]);
}

const ADA_MD5: &str = "5bfcf2d8e394674550332640d72db509";

#[test]
fn gravatar_is_there_for_who_asks_for_it() {
    let server = Launch::new().flag("--avatars", "gravatar").start();
    let visitor = Visitor::to(&server);
    visitor.register_as("ada", " Ada@Example.org ", "x", "x").expect(200);
    visitor.sign_in_with("ada", "x").expect(200);
    let page = visitor.post("hello").expect(200);
    let expected = format!("gravatar.com/avatar/{ADA_MD5}?d=identicon&s=48");
    assert!(pictures(&page).iter().any(|src| src.ends_with(&expected)), "{expected}: {page}");
}
