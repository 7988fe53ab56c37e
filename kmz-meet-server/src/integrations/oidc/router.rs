//! The way to a provider and back.

use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRef, Path, RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use axum::routing::get;
use axum_extra::extract::cookie::CookieJar;
use url::form_urlencoded;

use super::accounts::{Account, Failed, account_of};
use super::counted::{Counted, count};
use super::paths::{CALLBACK, SIGN_OUT, SIGNED_OUT};
use super::refusal::Refusal;
use super::state::SignOn;
use super::under_way::{UnderWay, own_path};
use super::{sign_out, waiting_link};
use crate::auth::{Cookies, SignIn, SignOnCookie, start_session};
use crate::config::Config;
use crate::language::Language;
use crate::limits::ClientAddress;
use crate::openid::{Person, SignInProvider, client_secret};
use crate::page;
use crate::store::{Record, User};

/// The longest query of an answer.
const MAX_QUERY_BYTES: usize = 8_192;

/// The routes.
pub fn routes<S>() -> Router<S>
where
    SignOn: FromRef<S>,
    SignIn: FromRef<S>,
    Arc<Config>: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    Router::new()
        .route("/sign-in/oidc/{provider}", get(begin))
        .route(CALLBACK, get(callback))
        .route(SIGN_OUT, get(sign_out::sign_out))
        .route(SIGNED_OUT, get(sign_out::signed_out))
}

/// One value of a query; a name that is there twice has none.
fn value(query: &str, name: &str) -> Option<String> {
    let mut values = form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == name);
    let first = values.next()?.1.into_owned();
    values.next().is_none().then_some(first)
}

async fn provider_of(app: &SignOn, id: &str) -> Result<Record<SignInProvider>, Refusal> {
    let provider = Record::<SignInProvider>::get(&app.store, id).await?;
    provider.ok_or(Refusal::UnknownProvider)
}

fn secret_of(app: &SignOn, provider: &Record<SignInProvider>) -> Result<String, Refusal> {
    client_secret(&app.sign_in_sealing, provider).map_err(|error| {
        tracing::error!(%error, provider = provider.id, "a provider cannot be used");
        Refusal::Internal
    })
}

fn redirect_uri(app: &SignOn) -> String {
    format!("{}{CALLBACK}", app.public_url)
}

/// To the provider.
async fn begin(
    State(app): State<SignOn>,
    from: ClientAddress,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    jar: CookieJar,
) -> Response {
    let begun = async {
        count(&app, Counted::Begin, from)?;
        let query = query.as_deref().unwrap_or_default();
        let asked = form_urlencoded::parse(query.as_bytes()).any(|(key, _)| key == "next");
        let next = value(query, "next");
        if asked && next.is_none() {
            return Err(Refusal::ForeignTarget);
        }
        let next = own_path(next.as_deref()).ok_or(Refusal::ForeignTarget)?;
        let provider = provider_of(&app, &id).await?;
        let secret = secret_of(&app, &provider)?;
        let under_way = UnderWay::new(&provider.id, next, app.clock.now());
        let redirect = redirect_uri(&app);
        let relying = app.relying(&provider.data, &secret, &redirect);
        let page = relying.page(&under_way.login).await?;
        Ok((under_way.cookie(&app)?, page))
    };
    match begun.await {
        Ok((cookie, page)) => (jar.add(cookie), Redirect::to(page.as_str())).into_response(),
        Err(refusal) => refusal.page(Language::wanted(&headers), Some(&id)),
    }
}

/// What came of an answer.
enum Came {
    SignedIn(Box<UnderWay>, User),
    NeedsPassword {
        provider: String,
        subject: String,
        user: String,
    },
}

/// Back from the provider.
async fn callback(
    State(app): State<SignOn>,
    State(sign_in): State<SignIn>,
    from: ClientAddress,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    jar: CookieJar,
) -> Response {
    let language = Language::wanted(&headers);
    let query = query.unwrap_or_default();
    let under_way = UnderWay::of(&app, &headers);
    let provider = under_way.as_ref().map(|one| one.provider.clone());
    let cookies = Cookies::of(&app.public_url);
    let answered = async {
        count(&app, Counted::Callback, from)?;
        answer(&app, under_way, &query).await
    };
    // Whatever came of it: this login is over. Only an answer that is not of this browser leaves it alone.
    let over = |jar: CookieJar| jar.add(cookies.no_sign_on(SignOnCookie::Login));
    let refused = |jar: CookieJar, refusal: Refusal| {
        let page = refusal.page(language, provider.as_deref());
        match refusal {
            Refusal::WrongState | Refusal::TooManyRequests => page,
            _ => (over(jar), page).into_response(),
        }
    };
    match answered.await {
        Ok(Came::SignedIn(under_way, user)) => {
            match signed_in(&sign_in, &headers, jar.clone(), user, &under_way).await {
                Ok((jar, known)) => {
                    let known = AppendHeaders([(header::SET_COOKIE, known)]);
                    (over(jar), known, Redirect::to(&under_way.next)).into_response()
                }
                Err(refusal) => refused(jar, refusal),
            }
        }
        Ok(Came::NeedsPassword {
            provider,
            subject,
            user,
        }) => match waiting_link::cookie(&app, &provider, &subject, &user) {
            Ok(waiting) => (over(jar).add(waiting), needs_password(language)).into_response(),
            Err(refusal) => refused(jar, refusal),
        },
        Err(refusal) => refused(jar, refusal),
    }
}

async fn answer(app: &SignOn, under_way: Option<UnderWay>, query: &str) -> Result<Came, Refusal> {
    let under_way = under_way.ok_or(Refusal::NoLogin)?;
    if query.len() > MAX_QUERY_BYTES {
        return Err(Refusal::WrongState);
    }
    let state = value(query, "state").unwrap_or_default();
    if !under_way.has_state(&state) {
        return Err(Refusal::WrongState);
    }
    let provider = provider_of(app, &under_way.provider).await?;
    let secret = secret_of(app, &provider)?;
    let redirect = redirect_uri(app);
    let relying = app.relying(&provider.data, &secret, &redirect);
    if !relying.is_answer_of(value(query, "iss").as_deref()).await? {
        return Err(Refusal::OtherProvider);
    }
    under_way.spend(app).await?;
    if value(query, "error").is_some() {
        return Err(Refusal::NotPermitted);
    }
    let code = value(query, "code").ok_or(Refusal::NoCode)?;
    let claims = relying.claims(&under_way.login, code, app.clock.now());
    let person = Person::of(&provider.data.claims, &claims.await?)?;
    match account_of(app, &provider, &person).await {
        Ok(Account::Of(user)) => Ok(Came::SignedIn(Box::new(under_way), user)),
        Ok(Account::AfterPassword(user)) => Ok(Came::NeedsPassword {
            provider: provider.id,
            subject: person.subject,
            user,
        }),
        Err(Failed::No(why)) => Err(why.into()),
        Err(Failed::Store(error)) => Err(error.into()),
    }
}

/// The session, as after a password. What the provider asked for, such as a second factor, counts: ours is not asked for.
async fn signed_in(
    sign_in: &SignIn,
    headers: &HeaderMap,
    jar: CookieJar,
    user: User,
    under_way: &UnderWay,
) -> Result<(CookieJar, String), Refusal> {
    let new = start_session(sign_in, headers, user).await;
    let new = new.map_err(|_| Refusal::Internal)?;
    // A session that this browser had before ends.
    crate::auth::sign_out(sign_in, headers).await?;
    let cookies = Cookies::of(&sign_in.public_url);
    let provider = cookies.provider(under_way.provider.clone());
    let known = cookies.known(new.known).to_string();
    Ok((jar.add(cookies.session(new.token)).add(provider), known))
}

fn needs_password(language: Language) -> Response {
    page::notice(
        language,
        language.say("Noch ein Schritt", "One more step"),
        language.say(
            "Mit deiner E-Mail-Adresse gibt es hier schon ein Konto. Melde dich in der nächsten Viertelstunde einmal mit dessen Benutzernamen und Passwort an. Danach genügt der Anmeldedienst deiner Schule.",
            "There is an account with your email address here. Sign in once with its user name and password within a quarter of an hour. From then on your school's sign-in service is enough.",
        ),
        ("/sign-in", language.say("Weiter", "Continue")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_that_is_there_twice_is_none() {
        assert_eq!(value("a=1&b=2", "a").as_deref(), Some("1"));
        assert_eq!(value("a=1&a=1", "a"), None);
        assert_eq!(value("b=1", "a"), None);
        assert_eq!(value("a=%2F%C3%A4+b", "a").as_deref(), Some("/ä b"));
    }
}
