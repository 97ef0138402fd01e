//! Every route there is.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::guard::{GuardContext, fn_guard};
use actix_web::middleware::from_fn;
use actix_web::{Error, Handler, Resource, Responder, web};

use super::{body, files, front_door, pages, probes, simulator};

/// Registers all routes. First match wins, so that `/{username}` comes last.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .app_data(web::PayloadConfig::new(body::MAX_BODY_BYTES))
        // Pages
        .service(read("/public", pages::public))
        .service(read("/", pages::home))
        .service(web::resource("/add_message").post(pages::post_message))
        .service(read("/login", pages::sign_in_form).post(pages::sign_in))
        .service(
            read("/register", pages::sign_up_form)
                .route(web::post().guard(fn_guard(is_json)).to(simulator::register))
                .post(pages::register),
        )
        .service(change("/logout", pages::sign_out))
        .service(read("/account", pages::account::overview))
        .service(web::resource("/account/email").post(pages::account::change_email))
        .service(web::resource("/account/password").post(pages::account::change_password))
        .service(read("/account/data", pages::account::data))
        .service(read("/account/delete", pages::account::delete_form).post(pages::account::delete))
        .service(
            read("/account/messages/{id}", pages::account::delete_message_form)
                .post(pages::account::delete_message),
        )
        .service(read("/static/{file}", files::asset))
        .service(read("/avatar/{id}.svg", files::avatar))
        .service(read("/favicon.ico", files::favicon))
        // Simulator API; its `POST /register` is above, told from the form's by the content type
        .service(read("/latest", simulator::latest))
        .service(read("/msgs", simulator::messages))
        .service(read("/msgs/{username}", simulator::messages_of).post(simulator::post_message))
        .service(read("/fllws/{username}", simulator::follows).post(simulator::change_follow))
        .service(read("/openapi.json", simulator::openapi))
        // Orchestrators
        .service(read("/livez", probes::live))
        .service(read("/readyz", probes::ready))
        // People
        .service(read("/{username}", pages::profile))
        .service(change("/{username}/follow", pages::follow))
        .service(change("/{username}/unfollow", pages::unfollow));
}

/// A resource that changes nothing when it is read, with GET or HEAD.
fn read<F, Args>(path: &str, handler: F) -> Resource
where
    F: Handler<Args> + Clone,
    Args: actix_web::FromRequest + 'static,
    F::Output: Responder + 'static,
{
    web::resource(path).route(web::get().to(handler.clone())).route(web::head().to(handler))
}

/// A resource that changes something, by a form or by a mere link, as in the original. So that
/// another site's link does not, the browser's word on where it stood is checked for GET too.
fn change<F, Args>(
    path: &str,
    handler: F,
) -> Resource<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
>
where
    F: Handler<Args> + Clone,
    Args: actix_web::FromRequest + 'static,
    F::Output: Responder + 'static,
{
    web::resource(path)
        .route(web::get().to(handler.clone()))
        .route(web::post().to(handler))
        .wrap(from_fn(front_door::refuse_other_sites))
}

fn is_json(ctx: &GuardContext<'_>) -> bool {
    body::is_json(ctx.head().headers())
}

#[cfg(test)]
mod tests {
    use crate::domain::RESERVED_USERNAMES;

    #[test]
    fn nobody_can_take_a_name_that_is_a_route() {
        let source = include_str!("router.rs");
        let routes: Vec<&str> = source
            .split('"')
            .filter_map(|literal| literal.strip_prefix('/'))
            .filter_map(|path| path.split('/').next())
            .filter(|segment| !segment.is_empty() && !segment.starts_with('{'))
            .collect();
        assert!(routes.len() > 10, "found {routes:?}");
        for route in routes {
            assert!(RESERVED_USERNAMES.contains(&route), "/{route} is not reserved");
        }
    }
}
