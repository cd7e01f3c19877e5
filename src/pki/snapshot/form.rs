//! How single fields of a snapshot are written and read: lists with a bound, base64, moments. Of what a snapshot means
//! nothing is known here.

use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serializer};
use std::fmt;
use std::marker::PhantomData;

/// A list with no more than so many elements; `null` is an empty one.
pub(super) fn bounded<'de, D: Deserializer<'de>, T: Deserialize<'de>, const MOST: usize>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    struct Bounded<T, const MOST: usize>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for Bounded<T, MOST> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "a list of at most {MOST}")
        }

        fn visit_unit<E>(self) -> Result<Vec<T>, E> {
            Ok(Vec::new())
        }

        /// Windows PowerShell may write a list as `{"value": […], "Count": 1}`.
        fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Vec<T>, A::Error> {
            let mut list = None;
            while let Some(field) = fields.next_key::<String>()? {
                if field == "value" && list.is_none() {
                    list = Some(fields.next_value_seed(Self(PhantomData))?);
                } else {
                    fields.next_value::<IgnoredAny>()?;
                }
            }
            list.ok_or_else(|| A::Error::missing_field("value"))
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Vec<T>, A::Error> {
            let mut list = Vec::new();
            while let Some(element) = elements.next_element()? {
                if list.len() == MOST {
                    return Err(A::Error::invalid_length(MOST + 1, &self));
                }
                list.push(element);
            }
            Ok(list)
        }
    }

    impl<'de, T: Deserialize<'de>, const MOST: usize> DeserializeSeed<'de> for Bounded<T, MOST> {
        type Value = Vec<T>;

        fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<T>, D::Error> {
            deserializer.deserialize_any(self)
        }
    }

    Bounded::<T, MOST>(PhantomData).deserialize(deserializer)
}

pub(super) mod base64 {
    use super::super::super::pem;
    use super::{Deserialize, Deserializer, Serializer};
    use serde::de::Error as _;
    use std::borrow::Cow;

    pub(in super::super) fn serialize<S: Serializer>(der: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&pem::encode_base64(der))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        let der = pem::decode_base64(text.as_bytes()).map_err(D::Error::custom)?;
        Ok(der.expose().to_vec())
    }
}

pub(super) mod moment {
    use super::{Deserialize, Deserializer, Serializer};
    use serde::de::Error as _;
    use serde::ser::Error as _;
    use time::format_description::well_known::Rfc3339;
    use time::{OffsetDateTime, UtcOffset};

    pub(in super::super) fn serialize<S: Serializer>(
        moment: &OffsetDateTime,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let text = moment.to_offset(UtcOffset::UTC).format(&Rfc3339).map_err(S::Error::custom)?;
        serializer.serialize_str(&text)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<OffsetDateTime, D::Error> {
        let text = String::deserialize(deserializer)?;
        let moment = OffsetDateTime::parse(&text, &Rfc3339)
            .map_err(|_| D::Error::custom("`taken_at` is not a time as 2026-12-31T12:00:00Z"))?;
        moment.checked_to_offset(UtcOffset::UTC).ok_or_else(|| D::Error::custom("`taken_at` is out of range"))
    }
}
