//! What a type of the wire is read from: an object, and nothing else.

use serde::de::Visitor;
use serde::{Deserializer, forward_to_deserialize_any};

/// Reads whatever is asked of it from an object.
///
/// What serde derives for a struct takes a list of its members' values for one, too: a client that sends one would be understood
/// by the order in which the members happen to be declared. `#[dto]` puts this before what is derived, for each type that is read
/// from a body, so that it holds at every depth.
#[derive(Debug)]
pub struct FromObject<D>(pub D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for FromObject<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
