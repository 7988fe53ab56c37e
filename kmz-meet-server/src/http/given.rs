//! Texts as they were sent. A field of a request is a [`Given`] of its type: the description shows the type's form, and the
//! handler reads the text when it knows that the caller may. So who may not hears that first, and not what is wrong with a value.

use std::borrow::Cow;
use std::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use url::Url;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

use super::texts::Text;
use super::{Problem, addresses, school_texts, texts};
use crate::time_zone;
use guarded_http::GuardedClient;

pub type AddressDomain = Given<school_texts::AddressDomain>;
pub type Day = Given<school_texts::Day>;
pub type ExternalName = Given<texts::ExternalName>;
pub type ForeignId = Given<texts::ForeignId>;
pub type ForeignUser = Given<texts::ForeignUser>;
pub type Issuer = Given<addresses::Issuer>;
pub type JitsiAppId = Given<texts::JitsiAppId>;
pub type JitsiAppKey = Given<texts::JitsiAppKey>;
pub type Label = Given<texts::Label>;
pub type NoticeLine = Given<texts::NoticeLine>;
pub type Note = Given<school_texts::Note>;
pub type OutgoingAddress = Given<addresses::OutgoingAddress>;
pub type PersonName = Given<texts::PersonName>;
pub type RoomName = Given<texts::RoomName>;
pub type RoomPassword = Given<texts::RoomPassword>;
pub type RoomTitle = Given<texts::RoomTitle>;
pub type SchoolName = Given<school_texts::SchoolName>;
pub type TimeZone = Given<time_zone::SchoolZone>;
pub type WebAddress = Given<addresses::WebAddress>;
pub type WebOrigin = Given<lti_bridge::WebOrigin>;

/// A text that shall become a `T`.
pub struct Given<T> {
    text: String,
    kind: PhantomData<fn() -> T>,
}

impl<T: Text> Given<T> {
    /// The value. `field` is where the request has it.
    ///
    /// # Errors
    /// With what it must be: mostly `invalid`.
    pub fn read(self, field: &str) -> Result<T, Problem> {
        T::parse(self.text).map_err(|unfit| unfit.in_field(field))
    }
}

impl OutgoingAddress {
    /// The text as it was sent, if the client sends there: where it is compared with what others write.
    ///
    /// # Errors
    /// `invalid`, with the reason.
    pub fn text_permitted(self, field: &str, client: &GuardedClient) -> Result<String, Problem> {
        let text = self.text.clone();
        self.read_permitted(field, client).map(|_| text)
    }

    /// The address, if the client sends there.
    ///
    /// # Errors
    /// `invalid`, with the reason.
    pub fn read_permitted(self, field: &str, client: &GuardedClient) -> Result<Url, Problem> {
        let permitted = self.read(field)?.permitted(client);
        permitted.map_err(|unfit| unfit.in_field(field))
    }
}

/// The value, where there is one.
///
/// # Errors
/// As [`Given::read`].
pub fn read<T: Text>(given: Option<Given<T>>, field: &str) -> Result<Option<T>, Problem> {
    given.map(|given| given.read(field)).transpose()
}

impl<'de, T> Deserialize<'de> for Given<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let kind = PhantomData;
        Ok(Self { text, kind })
    }
}

/// `utoipa` writes the defaults of fields into the description.
impl<T> Serialize for Given<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<T: Text> PartialSchema for Given<T> {
    fn schema() -> RefOr<Schema> {
        T::FORM.schema()
    }
}

impl<T: Text> ToSchema for Given<T> {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed(T::FORM.name)
    }
}
