//! Query and path parameters.
//!
//! The framework's own readers answer in plain text, take a parameter given twice for its last value, and cannot read lists.

use std::fmt;
use std::future::{Ready, ready};
use std::ops::Deref;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::de::{self, DeserializeOwned, DeserializeSeed, IntoDeserializer, MapAccess, Visitor};
use utoipa::openapi::path::ParameterIn;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::faults::{escape, field_errors};
use crate::openapi::{Sketch, Takes};
use crate::problem::{FieldError, Place, Problem, ProblemCode};

/// The query parameters; an unknown one, or one given twice that is no list, is refused.
#[derive(Debug, Clone)]
pub struct Query<T>(pub T);

impl<T> Deref for Query<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned + Validate> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let pairs = form_urlencoded::parse(request.query_string().as_bytes()).into_owned();
        let read = read::<T>(Place::Query, pairs).and_then(|value| match value.validate() {
            Ok(()) => Ok(Self(value)),
            Err(errors) => Err(field_errors(Place::Query, &errors)),
        });
        ready(read.map_err(|errors| {
            Problem::new(
                ProblemCode::BadQuery,
                "The query string cannot be used as it is.",
            )
            .with(errors)
        }))
    }
}

impl<T: IntoParams + ToSchema> Takes for Query<T> {
    fn describe(sketch: &mut Sketch) {
        sketch
            .parameters
            .extend(T::into_params(|| Some(ParameterIn::Query)));
        T::schemas(&mut sketch.schemas);
        sketch.problems(&[400]);
    }
}

/// The path's parameters, but for `{council}`, which belongs to the caller's authorisation.
#[derive(Debug, Clone)]
pub struct Path<T>(pub T);

impl<T> Deref for Path<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned> FromRequest for Path<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let pairs = request
            .match_info()
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        ready(read::<T>(Place::Path, pairs).map(Self).map_err(|errors| {
            Problem::new(
                ProblemCode::BadRequest,
                "The address is not one of this service's.",
            )
            .with(errors)
        }))
    }
}

impl<T: IntoParams + ToSchema> Takes for Path<T> {
    fn describe(sketch: &mut Sketch) {
        sketch
            .parameters
            .extend(T::into_params(|| Some(ParameterIn::Path)));
        T::schemas(&mut sketch.schemas);
        sketch.problems(&[400, 404]);
    }
}

fn read<T: DeserializeOwned>(
    place: Place,
    pairs: impl Iterator<Item = (String, String)>,
) -> Result<T, Vec<FieldError>> {
    let mut named: Vec<(String, Vec<String>)> = Vec::new();
    for (name, value) in pairs {
        match named.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => values.push(value),
            None => named.push((name, vec![value])),
        }
    }
    T::deserialize(Parameters {
        rest: named.into_iter(),
        current: None,
    })
    .map_err(|fault| {
        let pointer = fault
            .name
            .map(|name| format!("/{}", escape(&name)))
            .unwrap_or_default();
        vec![FieldError::at(place, pointer, fault.code, fault.message)]
    })
}

/// Why a parameter cannot be used. It never repeats the parameter's value.
#[derive(Debug)]
struct Fault {
    name: Option<String>,
    code: &'static str,
    message: String,
}

impl Fault {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            name: None,
            code,
            message: message.into(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<M: fmt::Display>(_: M) -> Self {
        Self::new(
            "invalid_value",
            "It is not in the form that is expected here.",
        )
    }

    fn invalid_type(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::new("wrong_type", format!("Expected {expected}."))
    }

    fn invalid_value(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::new("invalid_value", format!("Expected {expected}."))
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::new(
            "unknown_code",
            format!("Expected one of {}.", expected.join(", ")),
        )
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let message = format!(
            "There is no such parameter here. There are {}.",
            expected.join(", ")
        );
        Self {
            name: Some(field.to_owned()),
            ..Self::new("unknown_parameter", message)
        }
    }

    fn missing_field(field: &'static str) -> Self {
        Self {
            name: Some(field.to_owned()),
            ..Self::new("missing_parameter", "This parameter is needed.")
        }
    }
}

struct Parameters {
    rest: std::vec::IntoIter<(String, Vec<String>)>,
    current: Option<(String, Vec<String>)>,
}

impl<'de> de::Deserializer<'de> for Parameters {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_map(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> MapAccess<'de> for Parameters {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        let Some((name, values)) = self.rest.next() else {
            return Ok(None);
        };
        let key = seed
            .deserialize(name.as_str().into_deserializer())
            .map(Some);
        self.current = Some((name, values));
        key
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Fault> {
        let (name, values) = self.current.take().unwrap_or_default();
        seed.deserialize(Values(values)).map_err(|fault| Fault {
            name: fault.name.or(Some(name)),
            ..fault
        })
    }
}

/// All values given for one parameter.
struct Values(Vec<String>);

impl Values {
    fn one(self) -> Result<String, Fault> {
        let mut values = self.0.into_iter();
        match (values.next(), values.next()) {
            (Some(value), None) if value.contains('\0') => Err(Fault::new(
                "invalid_value",
                "It holds a character that is not allowed.",
            )),
            (Some(value), None) => Ok(value),
            _ => Err(Fault::new(
                "given_twice",
                "This parameter is given more than once.",
            )),
        }
    }

    fn number<N: std::str::FromStr>(self) -> Result<N, Fault> {
        let text = self.one()?;
        // "+5" and " 5" are numbers to some and not to others: only plain digits are.
        if text.starts_with('+') {
            return Err(Fault::new("wrong_type", "Expected a number."));
        }
        text.parse()
            .map_err(|_| Fault::new("wrong_type", "Expected a number."))
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident;)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            visitor.$visit(self.number()?)
        })*
    };
}

impl<'de> de::Deserializer<'de> for Values {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_string(self.one()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.one()?.as_str() {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            _ => Err(Fault::new("wrong_type", "Expected true or false.")),
        }
    }

    numbers! {
        deserialize_i8 visit_i8; deserialize_i16 visit_i16; deserialize_i32 visit_i32; deserialize_i64 visit_i64;
        deserialize_u8 visit_u8; deserialize_u16 visit_u16; deserialize_u32 visit_u32; deserialize_u64 visit_u64;
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let values = self.0.into_iter().map(|value| Values(vec![value]));
        visitor.visit_seq(de::value::SeqDeserializer::new(values))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_enum(self.one()?.into_deserializer())
    }

    serde::forward_to_deserialize_any! {
        i128 u128 f32 f64 char str string bytes byte_buf unit unit_struct tuple tuple_struct map struct identifier ignored_any
    }
}

impl<'de> IntoDeserializer<'de, Fault> for Values {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct List {
        #[serde(default)]
        status: Vec<Status>,
        after_day: Option<chrono::NaiveDate>,
        limit: Option<u16>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "snake_case")]
    enum Status {
        Open,
        Closed,
    }

    fn query(text: &str) -> Result<List, Vec<FieldError>> {
        read(
            Place::Query,
            form_urlencoded::parse(text.as_bytes()).into_owned(),
        )
    }

    #[test]
    fn lists_are_given_by_repeating() {
        let read = query("status=open&limit=7&status=closed&afterDay=2026-03-02").unwrap();
        assert_eq!(read.status, [Status::Open, Status::Closed]);
        assert_eq!(read.limit, Some(7));
    }

    #[test]
    fn each_fault_names_its_parameter() {
        for (text, pointer, code) in [
            ("colour=red", "/colour", "unknown_parameter"),
            ("limit=seven", "/limit", "wrong_type"),
            ("limit=%2B7", "/limit", "wrong_type"),
            ("limit=70000", "/limit", "wrong_type"),
            ("limit=7&limit=8", "/limit", "given_twice"),
            ("status=lost", "/status", "unknown_code"),
            ("afterDay=Zaphod", "/afterDay", "invalid_value"),
            ("afterDay=%00", "/afterDay", "invalid_value"),
        ] {
            let faults = query(text).unwrap_err();
            let fault = faults.first().unwrap();
            assert_eq!(
                (fault.pointer.as_str(), fault.code.as_str()),
                (pointer, code),
                "{text}"
            );
            assert!(!fault.message.contains("Zaphod"));
        }
    }
}
