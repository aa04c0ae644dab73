pub use root::*;

const _: () = ::planus::check_version_compatibility("planus-1.3.0");

/// The root namespace
///
/// Generated from these locations:
/// * File `codec.fbs`
#[no_implicit_prelude]
#[allow(clippy::needless_lifetimes)]
mod root {
    /// The struct `H32`
    ///
    /// Generated from these locations:
    /// * Struct `H32` in the file `codec.fbs:2`
    #[derive(Copy, Clone, Default)]
    pub struct H32 {
        /// The field `a` in the struct `H32`
        pub a: u64,

        /// The field `b` in the struct `H32`
        pub b: u64,

        /// The field `c` in the struct `H32`
        pub c: u64,

        /// The field `d` in the struct `H32`
        pub d: u64,
    }

    /// # Safety
    /// The Planus compiler correctly calculates `ALIGNMENT` and `SIZE`.
    unsafe impl ::planus::Primitive for H32 {
        const ALIGNMENT: usize = 8;
        const SIZE: usize = 32;
    }

    #[allow(clippy::identity_op)]
    impl ::planus::WriteAsPrimitive<H32> for H32 {
        #[inline]
        fn write<const N: usize>(&self, cursor: ::planus::Cursor<'_, N>, buffer_position: u32) {
            let (cur, cursor) = cursor.split::<8, 24>();
            self.a.write(cur, buffer_position - 0);
            let (cur, cursor) = cursor.split::<8, 16>();
            self.b.write(cur, buffer_position - 8);
            let (cur, cursor) = cursor.split::<8, 8>();
            self.c.write(cur, buffer_position - 16);
            let (cur, cursor) = cursor.split::<8, 0>();
            self.d.write(cur, buffer_position - 24);
            cursor.finish([]);
        }
    }

    impl ::planus::WriteAsOffset<H32> for H32 {
        #[inline]
        fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<H32> {
            unsafe {
                builder.write_with(32, 7, |buffer_position, bytes| {
                    let bytes = bytes.as_mut_ptr();

                    ::planus::WriteAsPrimitive::write(
                        self,
                        ::planus::Cursor::new(&mut *(bytes as *mut [::core::mem::MaybeUninit<u8>; 32])),
                        buffer_position,
                    );
                });
            }
            builder.current_offset()
        }
    }

    impl ::planus::WriteAs<H32> for H32 {
        type Prepared = Self;
        #[inline]
        fn prepare(&self, _builder: &mut ::planus::Builder) -> Self {
            *self
        }
    }

    impl ::planus::WriteAsOptional<H32> for H32 {
        type Prepared = Self;
        #[inline]
        fn prepare(&self, _builder: &mut ::planus::Builder) -> ::core::option::Option<Self> {
            ::core::option::Option::Some(*self)
        }
    }

    /// Reference to a deserialized [H32].
    #[derive(Copy, Clone)]
    pub struct H32Ref<'a>(::planus::ArrayWithStartOffset<'a, 32>);

    impl<'a> H32Ref<'a> {
        /// Getter for the [`a` field](H32#structfield.a).
        pub fn a(&self) -> u64 {
            let buffer = self.0.advance_as_array::<8>(0).unwrap();

            u64::from_le_bytes(*buffer.as_array())
        }

        /// Getter for the [`b` field](H32#structfield.b).
        pub fn b(&self) -> u64 {
            let buffer = self.0.advance_as_array::<8>(8).unwrap();

            u64::from_le_bytes(*buffer.as_array())
        }

        /// Getter for the [`c` field](H32#structfield.c).
        pub fn c(&self) -> u64 {
            let buffer = self.0.advance_as_array::<8>(16).unwrap();

            u64::from_le_bytes(*buffer.as_array())
        }

        /// Getter for the [`d` field](H32#structfield.d).
        pub fn d(&self) -> u64 {
            let buffer = self.0.advance_as_array::<8>(24).unwrap();

            u64::from_le_bytes(*buffer.as_array())
        }
    }

    impl<'a> ::core::convert::From<::planus::ArrayWithStartOffset<'a, 32>> for H32Ref<'a> {
        fn from(array: ::planus::ArrayWithStartOffset<'a, 32>) -> Self {
            Self(array)
        }
    }

    impl<'a> ::core::convert::From<H32Ref<'a>> for H32 {
        #[allow(unreachable_code)]
        fn from(value: H32Ref<'a>) -> Self {
            Self { a: value.a(), b: value.b(), c: value.c(), d: value.d() }
        }
    }

    impl<'a> ::planus::TableRead<'a> for H32Ref<'a> {
        #[inline]
        fn from_buffer(
            buffer: ::planus::SliceWithStartOffset<'a>,
            offset: usize,
        ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
            let buffer = buffer.advance_as_array::<32>(offset)?;
            ::core::result::Result::Ok(Self(buffer))
        }
    }

    impl<'a> ::planus::VectorRead<'a> for H32Ref<'a> {
        const STRIDE: usize = 32;

        #[inline]
        unsafe fn from_buffer(buffer: ::planus::SliceWithStartOffset<'a>, offset: usize) -> Self {
            Self(unsafe { buffer.unchecked_advance_as_array(offset) })
        }
    }

    /// # Safety
    /// The planus compiler generates implementations that initialize
    /// the bytes in `write_values`.
    unsafe impl ::planus::VectorWrite<H32> for H32 {
        const STRIDE: usize = 32;

        type Value = H32;

        #[inline]
        fn prepare(&self, _builder: &mut ::planus::Builder) -> Self::Value {
            *self
        }

        #[inline]
        unsafe fn write_values(values: &[H32], bytes: *mut ::core::mem::MaybeUninit<u8>, buffer_position: u32) {
            let bytes = bytes as *mut [::core::mem::MaybeUninit<u8>; 32];
            for (i, v) in ::core::iter::Iterator::enumerate(values.iter()) {
                ::planus::WriteAsPrimitive::write(
                    v,
                    ::planus::Cursor::new(unsafe { &mut *bytes.add(i) }),
                    buffer_position - (32 * i) as u32,
                );
            }
        }
    }

    /// The struct `H64`
    ///
    /// Generated from these locations:
    /// * Struct `H64` in the file `codec.fbs:3`
    #[derive(Copy, Clone, Default)]
    pub struct H64 {
        /// The field `a` in the struct `H64`
        pub a: self::H32,

        /// The field `b` in the struct `H64`
        pub b: self::H32,
    }

    /// # Safety
    /// The Planus compiler correctly calculates `ALIGNMENT` and `SIZE`.
    unsafe impl ::planus::Primitive for H64 {
        const ALIGNMENT: usize = 8;
        const SIZE: usize = 64;
    }

    #[allow(clippy::identity_op)]
    impl ::planus::WriteAsPrimitive<H64> for H64 {
        #[inline]
        fn write<const N: usize>(&self, cursor: ::planus::Cursor<'_, N>, buffer_position: u32) {
            let (cur, cursor) = cursor.split::<32, 32>();
            self.a.write(cur, buffer_position - 0);
            let (cur, cursor) = cursor.split::<32, 0>();
            self.b.write(cur, buffer_position - 32);
            cursor.finish([]);
        }
    }

    impl ::planus::WriteAsOffset<H64> for H64 {
        #[inline]
        fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<H64> {
            unsafe {
                builder.write_with(64, 7, |buffer_position, bytes| {
                    let bytes = bytes.as_mut_ptr();

                    ::planus::WriteAsPrimitive::write(
                        self,
                        ::planus::Cursor::new(&mut *(bytes as *mut [::core::mem::MaybeUninit<u8>; 64])),
                        buffer_position,
                    );
                });
            }
            builder.current_offset()
        }
    }

    impl ::planus::WriteAs<H64> for H64 {
        type Prepared = Self;
        #[inline]
        fn prepare(&self, _builder: &mut ::planus::Builder) -> Self {
            *self
        }
    }

    impl ::planus::WriteAsOptional<H64> for H64 {
        type Prepared = Self;
        #[inline]
        fn prepare(&self, _builder: &mut ::planus::Builder) -> ::core::option::Option<Self> {
            ::core::option::Option::Some(*self)
        }
    }

    /// Reference to a deserialized [H64].
    #[derive(Copy, Clone)]
    pub struct H64Ref<'a>(::planus::ArrayWithStartOffset<'a, 64>);

    impl<'a> H64Ref<'a> {
        /// Getter for the [`a` field](H64#structfield.a).
        pub fn a(&self) -> self::H32Ref<'a> {
            let buffer = self.0.advance_as_array::<32>(0).unwrap();

            ::core::convert::From::from(buffer)
        }

        /// Getter for the [`b` field](H64#structfield.b).
        pub fn b(&self) -> self::H32Ref<'a> {
            let buffer = self.0.advance_as_array::<32>(32).unwrap();

            ::core::convert::From::from(buffer)
        }
    }

    impl<'a> ::core::convert::From<::planus::ArrayWithStartOffset<'a, 64>> for H64Ref<'a> {
        fn from(array: ::planus::ArrayWithStartOffset<'a, 64>) -> Self {
            Self(array)
        }
    }

    impl<'a> ::core::convert::From<H64Ref<'a>> for H64 {
        #[allow(unreachable_code)]
        fn from(value: H64Ref<'a>) -> Self {
            Self { a: ::core::convert::From::from(value.a()), b: ::core::convert::From::from(value.b()) }
        }
    }

    impl<'a> ::planus::TableRead<'a> for H64Ref<'a> {
        #[inline]
        fn from_buffer(
            buffer: ::planus::SliceWithStartOffset<'a>,
            offset: usize,
        ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
            let buffer = buffer.advance_as_array::<64>(offset)?;
            ::core::result::Result::Ok(Self(buffer))
        }
    }

    impl<'a> ::planus::VectorRead<'a> for H64Ref<'a> {
        const STRIDE: usize = 64;

        #[inline]
        unsafe fn from_buffer(buffer: ::planus::SliceWithStartOffset<'a>, offset: usize) -> Self {
            Self(unsafe { buffer.unchecked_advance_as_array(offset) })
        }
    }

    /// # Safety
    /// The planus compiler generates implementations that initialize
    /// the bytes in `write_values`.
    unsafe impl ::planus::VectorWrite<H64> for H64 {
        const STRIDE: usize = 64;

        type Value = H64;

        #[inline]
        fn prepare(&self, _builder: &mut ::planus::Builder) -> Self::Value {
            *self
        }

        #[inline]
        unsafe fn write_values(values: &[H64], bytes: *mut ::core::mem::MaybeUninit<u8>, buffer_position: u32) {
            let bytes = bytes as *mut [::core::mem::MaybeUninit<u8>; 64];
            for (i, v) in ::core::iter::Iterator::enumerate(values.iter()) {
                ::planus::WriteAsPrimitive::write(
                    v,
                    ::planus::Cursor::new(unsafe { &mut *bytes.add(i) }),
                    buffer_position - (64 * i) as u32,
                );
            }
        }
    }

    /// The struct `Context`
    ///
    /// Generated from these locations:
    /// * Struct `Context` in the file `codec.fbs:4`
    #[derive(Copy, Clone, Default)]
    pub struct Context {
        /// The field `hash` in the struct `Context`
        pub hash: self::H32,

        /// The field `length` in the struct `Context`
        pub length: u32,
    }

    /// # Safety
    /// The Planus compiler correctly calculates `ALIGNMENT` and `SIZE`.
    unsafe impl ::planus::Primitive for Context {
        const ALIGNMENT: usize = 8;
        const SIZE: usize = 40;
    }

    #[allow(clippy::identity_op)]
    impl ::planus::WriteAsPrimitive<Context> for Context {
        #[inline]
        fn write<const N: usize>(&self, cursor: ::planus::Cursor<'_, N>, buffer_position: u32) {
            let (cur, cursor) = cursor.split::<32, 8>();
            self.hash.write(cur, buffer_position - 0);
            let (cur, cursor) = cursor.split::<4, 4>();
            self.length.write(cur, buffer_position - 32);
            let cursor = cursor.write::<4, 0>([0; 4]);
            cursor.finish([]);
        }
    }

    impl ::planus::WriteAsOffset<Context> for Context {
        #[inline]
        fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<Context> {
            unsafe {
                builder.write_with(40, 7, |buffer_position, bytes| {
                    let bytes = bytes.as_mut_ptr();

                    ::planus::WriteAsPrimitive::write(
                        self,
                        ::planus::Cursor::new(&mut *(bytes as *mut [::core::mem::MaybeUninit<u8>; 40])),
                        buffer_position,
                    );
                });
            }
            builder.current_offset()
        }
    }

    impl ::planus::WriteAs<Context> for Context {
        type Prepared = Self;
        #[inline]
        fn prepare(&self, _builder: &mut ::planus::Builder) -> Self {
            *self
        }
    }

    impl ::planus::WriteAsOptional<Context> for Context {
        type Prepared = Self;
        #[inline]
        fn prepare(&self, _builder: &mut ::planus::Builder) -> ::core::option::Option<Self> {
            ::core::option::Option::Some(*self)
        }
    }

    /// Reference to a deserialized [Context].
    #[derive(Copy, Clone)]
    pub struct ContextRef<'a>(::planus::ArrayWithStartOffset<'a, 40>);

    impl<'a> ContextRef<'a> {
        /// Getter for the [`hash` field](Context#structfield.hash).
        pub fn hash(&self) -> self::H32Ref<'a> {
            let buffer = self.0.advance_as_array::<32>(0).unwrap();

            ::core::convert::From::from(buffer)
        }

        /// Getter for the [`length` field](Context#structfield.length).
        pub fn length(&self) -> u32 {
            let buffer = self.0.advance_as_array::<4>(32).unwrap();

            u32::from_le_bytes(*buffer.as_array())
        }
    }

    impl<'a> ::core::convert::From<::planus::ArrayWithStartOffset<'a, 40>> for ContextRef<'a> {
        fn from(array: ::planus::ArrayWithStartOffset<'a, 40>) -> Self {
            Self(array)
        }
    }

    impl<'a> ::core::convert::From<ContextRef<'a>> for Context {
        #[allow(unreachable_code)]
        fn from(value: ContextRef<'a>) -> Self {
            Self { hash: ::core::convert::From::from(value.hash()), length: value.length() }
        }
    }

    impl<'a> ::planus::TableRead<'a> for ContextRef<'a> {
        #[inline]
        fn from_buffer(
            buffer: ::planus::SliceWithStartOffset<'a>,
            offset: usize,
        ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
            let buffer = buffer.advance_as_array::<40>(offset)?;
            ::core::result::Result::Ok(Self(buffer))
        }
    }

    impl<'a> ::planus::VectorRead<'a> for ContextRef<'a> {
        const STRIDE: usize = 40;

        #[inline]
        unsafe fn from_buffer(buffer: ::planus::SliceWithStartOffset<'a>, offset: usize) -> Self {
            Self(unsafe { buffer.unchecked_advance_as_array(offset) })
        }
    }

    /// # Safety
    /// The planus compiler generates implementations that initialize
    /// the bytes in `write_values`.
    unsafe impl ::planus::VectorWrite<Context> for Context {
        const STRIDE: usize = 40;

        type Value = Context;

        #[inline]
        fn prepare(&self, _builder: &mut ::planus::Builder) -> Self::Value {
            *self
        }

        #[inline]
        unsafe fn write_values(values: &[Context], bytes: *mut ::core::mem::MaybeUninit<u8>, buffer_position: u32) {
            let bytes = bytes as *mut [::core::mem::MaybeUninit<u8>; 40];
            for (i, v) in ::core::iter::Iterator::enumerate(values.iter()) {
                ::planus::WriteAsPrimitive::write(
                    v,
                    ::planus::Cursor::new(unsafe { &mut *bytes.add(i) }),
                    buffer_position - (40 * i) as u32,
                );
            }
        }
    }

    /// The struct `Capability`
    ///
    /// Generated from these locations:
    /// * Struct `Capability` in the file `codec.fbs:5`
    #[derive(Copy, Clone, Default)]
    pub struct Capability {
        /// The field `id` in the struct `Capability`
        pub id: u32,

        /// The field `price` in the struct `Capability`
        pub price: u16,

        /// The field `competence` in the struct `Capability`
        pub competence: u8,
    }

    /// # Safety
    /// The Planus compiler correctly calculates `ALIGNMENT` and `SIZE`.
    unsafe impl ::planus::Primitive for Capability {
        const ALIGNMENT: usize = 4;
        const SIZE: usize = 8;
    }

    #[allow(clippy::identity_op)]
    impl ::planus::WriteAsPrimitive<Capability> for Capability {
        #[inline]
        fn write<const N: usize>(&self, cursor: ::planus::Cursor<'_, N>, buffer_position: u32) {
            let (cur, cursor) = cursor.split::<4, 4>();
            self.id.write(cur, buffer_position - 0);
            let (cur, cursor) = cursor.split::<2, 2>();
            self.price.write(cur, buffer_position - 4);
            let (cur, cursor) = cursor.split::<1, 1>();
            self.competence.write(cur, buffer_position - 6);
            let cursor = cursor.write::<1, 0>([0; 1]);
            cursor.finish([]);
        }
    }

    impl ::planus::WriteAsOffset<Capability> for Capability {
        #[inline]
        fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<Capability> {
            unsafe {
                builder.write_with(8, 3, |buffer_position, bytes| {
                    let bytes = bytes.as_mut_ptr();

                    ::planus::WriteAsPrimitive::write(
                        self,
                        ::planus::Cursor::new(&mut *(bytes as *mut [::core::mem::MaybeUninit<u8>; 8])),
                        buffer_position,
                    );
                });
            }
            builder.current_offset()
        }
    }

    impl ::planus::WriteAs<Capability> for Capability {
        type Prepared = Self;
        #[inline]
        fn prepare(&self, _builder: &mut ::planus::Builder) -> Self {
            *self
        }
    }

    impl ::planus::WriteAsOptional<Capability> for Capability {
        type Prepared = Self;
        #[inline]
        fn prepare(&self, _builder: &mut ::planus::Builder) -> ::core::option::Option<Self> {
            ::core::option::Option::Some(*self)
        }
    }

    /// Reference to a deserialized [Capability].
    #[derive(Copy, Clone)]
    pub struct CapabilityRef<'a>(::planus::ArrayWithStartOffset<'a, 8>);

    impl<'a> CapabilityRef<'a> {
        /// Getter for the [`id` field](Capability#structfield.id).
        pub fn id(&self) -> u32 {
            let buffer = self.0.advance_as_array::<4>(0).unwrap();

            u32::from_le_bytes(*buffer.as_array())
        }

        /// Getter for the [`price` field](Capability#structfield.price).
        pub fn price(&self) -> u16 {
            let buffer = self.0.advance_as_array::<2>(4).unwrap();

            u16::from_le_bytes(*buffer.as_array())
        }

        /// Getter for the [`competence` field](Capability#structfield.competence).
        pub fn competence(&self) -> u8 {
            let buffer = self.0.advance_as_array::<1>(6).unwrap();

            u8::from_le_bytes(*buffer.as_array())
        }
    }

    impl<'a> ::core::convert::From<::planus::ArrayWithStartOffset<'a, 8>> for CapabilityRef<'a> {
        fn from(array: ::planus::ArrayWithStartOffset<'a, 8>) -> Self {
            Self(array)
        }
    }

    impl<'a> ::core::convert::From<CapabilityRef<'a>> for Capability {
        #[allow(unreachable_code)]
        fn from(value: CapabilityRef<'a>) -> Self {
            Self { id: value.id(), price: value.price(), competence: value.competence() }
        }
    }

    impl<'a> ::planus::TableRead<'a> for CapabilityRef<'a> {
        #[inline]
        fn from_buffer(
            buffer: ::planus::SliceWithStartOffset<'a>,
            offset: usize,
        ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
            let buffer = buffer.advance_as_array::<8>(offset)?;
            ::core::result::Result::Ok(Self(buffer))
        }
    }

    impl<'a> ::planus::VectorRead<'a> for CapabilityRef<'a> {
        const STRIDE: usize = 8;

        #[inline]
        unsafe fn from_buffer(buffer: ::planus::SliceWithStartOffset<'a>, offset: usize) -> Self {
            Self(unsafe { buffer.unchecked_advance_as_array(offset) })
        }
    }

    /// # Safety
    /// The planus compiler generates implementations that initialize
    /// the bytes in `write_values`.
    unsafe impl ::planus::VectorWrite<Capability> for Capability {
        const STRIDE: usize = 8;

        type Value = Capability;

        #[inline]
        fn prepare(&self, _builder: &mut ::planus::Builder) -> Self::Value {
            *self
        }

        #[inline]
        unsafe fn write_values(values: &[Capability], bytes: *mut ::core::mem::MaybeUninit<u8>, buffer_position: u32) {
            let bytes = bytes as *mut [::core::mem::MaybeUninit<u8>; 8];
            for (i, v) in ::core::iter::Iterator::enumerate(values.iter()) {
                ::planus::WriteAsPrimitive::write(
                    v,
                    ::planus::Cursor::new(unsafe { &mut *bytes.add(i) }),
                    buffer_position - (8 * i) as u32,
                );
            }
        }
    }

    /// The table `Intent`
    ///
    /// Generated from these locations:
    /// * Table `Intent` in the file `codec.fbs:7`
    #[derive(Clone)]
    pub struct Intent {
        /// The field `kind` in the table `Intent`
        pub kind: u8,
        /// The field `author` in the table `Intent`
        pub author: self::H32,
        /// The field `sequence` in the table `Intent`
        pub sequence: u64,
        /// The field `expires` in the table `Intent`
        pub expires: u64,
        /// The field `capability` in the table `Intent`
        pub capability: self::H32,
        /// The field `context_tokens` in the table `Intent`
        pub context_tokens: u32,
        /// The field `generated_tokens` in the table `Intent`
        pub generated_tokens: u32,
        /// The field `lifetime_us` in the table `Intent`
        pub lifetime_us: u64,
        /// The field `budget` in the table `Intent`
        pub budget: u64,
        /// The field `label` in the table `Intent`
        pub label: u8,
        /// The field `depth` in the table `Intent`
        pub depth: u8,
        /// The field `effect` in the table `Intent`
        pub effect: u8,
        /// The field `stakes` in the table `Intent`
        pub stakes: u8,
        /// The field `contexts` in the table `Intent`
        pub contexts: ::planus::alloc::vec::Vec<self::Context>,
        /// The field `payload` in the table `Intent`
        pub payload: ::planus::alloc::vec::Vec<u8>,
        /// The field `signature` in the table `Intent`
        pub signature: self::H64,
    }

    #[allow(clippy::derivable_impls)]
    impl ::core::default::Default for Intent {
        fn default() -> Self {
            Self {
                kind: 0,
                author: ::core::default::Default::default(),
                sequence: 0,
                expires: 0,
                capability: ::core::default::Default::default(),
                context_tokens: 0,
                generated_tokens: 0,
                lifetime_us: 0,
                budget: 0,
                label: 0,
                depth: 0,
                effect: 0,
                stakes: 0,
                contexts: ::core::default::Default::default(),
                payload: ::core::default::Default::default(),
                signature: ::core::default::Default::default(),
            }
        }
    }

    impl Intent {
        #[allow(clippy::too_many_arguments)]
        pub fn create(
            builder: &mut ::planus::Builder,
            field_kind: impl ::planus::WriteAsDefault<u8, u8>,
            field_author: impl ::planus::WriteAs<self::H32>,
            field_sequence: impl ::planus::WriteAsDefault<u64, u64>,
            field_expires: impl ::planus::WriteAsDefault<u64, u64>,
            field_capability: impl ::planus::WriteAs<self::H32>,
            field_context_tokens: impl ::planus::WriteAsDefault<u32, u32>,
            field_generated_tokens: impl ::planus::WriteAsDefault<u32, u32>,
            field_lifetime_us: impl ::planus::WriteAsDefault<u64, u64>,
            field_budget: impl ::planus::WriteAsDefault<u64, u64>,
            field_label: impl ::planus::WriteAsDefault<u8, u8>,
            field_depth: impl ::planus::WriteAsDefault<u8, u8>,
            field_effect: impl ::planus::WriteAsDefault<u8, u8>,
            field_stakes: impl ::planus::WriteAsDefault<u8, u8>,
            field_contexts: impl ::planus::WriteAs<::planus::Offset<[self::Context]>>,
            field_payload: impl ::planus::WriteAs<::planus::Offset<[u8]>>,
            field_signature: impl ::planus::WriteAs<self::H64>,
        ) -> ::planus::Offset<Self> {
            let prepared_kind = field_kind.prepare(builder, &0);
            let prepared_author = field_author.prepare(builder);
            let prepared_sequence = field_sequence.prepare(builder, &0);
            let prepared_expires = field_expires.prepare(builder, &0);
            let prepared_capability = field_capability.prepare(builder);
            let prepared_context_tokens = field_context_tokens.prepare(builder, &0);
            let prepared_generated_tokens = field_generated_tokens.prepare(builder, &0);
            let prepared_lifetime_us = field_lifetime_us.prepare(builder, &0);
            let prepared_budget = field_budget.prepare(builder, &0);
            let prepared_label = field_label.prepare(builder, &0);
            let prepared_depth = field_depth.prepare(builder, &0);
            let prepared_effect = field_effect.prepare(builder, &0);
            let prepared_stakes = field_stakes.prepare(builder, &0);
            let prepared_contexts = field_contexts.prepare(builder);
            let prepared_payload = field_payload.prepare(builder);
            let prepared_signature = field_signature.prepare(builder);

            let mut table_writer: ::planus::table_writer::TableWriter<36> = ::core::default::Default::default();
            table_writer.write_entry::<self::H32>(1);
            if prepared_sequence.is_some() {
                table_writer.write_entry::<u64>(2);
            }
            if prepared_expires.is_some() {
                table_writer.write_entry::<u64>(3);
            }
            table_writer.write_entry::<self::H32>(4);
            if prepared_lifetime_us.is_some() {
                table_writer.write_entry::<u64>(7);
            }
            if prepared_budget.is_some() {
                table_writer.write_entry::<u64>(8);
            }
            table_writer.write_entry::<self::H64>(15);
            if prepared_context_tokens.is_some() {
                table_writer.write_entry::<u32>(5);
            }
            if prepared_generated_tokens.is_some() {
                table_writer.write_entry::<u32>(6);
            }
            table_writer.write_entry::<::planus::Offset<[self::Context]>>(13);
            table_writer.write_entry::<::planus::Offset<[u8]>>(14);
            if prepared_kind.is_some() {
                table_writer.write_entry::<u8>(0);
            }
            if prepared_label.is_some() {
                table_writer.write_entry::<u8>(9);
            }
            if prepared_depth.is_some() {
                table_writer.write_entry::<u8>(10);
            }
            if prepared_effect.is_some() {
                table_writer.write_entry::<u8>(11);
            }
            if prepared_stakes.is_some() {
                table_writer.write_entry::<u8>(12);
            }

            unsafe {
                table_writer.finish(builder, |object_writer| {
                    object_writer.write::<_, _, 32>(&prepared_author);
                    if let ::core::option::Option::Some(prepared_sequence) = prepared_sequence {
                        object_writer.write::<_, _, 8>(&prepared_sequence);
                    }
                    if let ::core::option::Option::Some(prepared_expires) = prepared_expires {
                        object_writer.write::<_, _, 8>(&prepared_expires);
                    }
                    object_writer.write::<_, _, 32>(&prepared_capability);
                    if let ::core::option::Option::Some(prepared_lifetime_us) = prepared_lifetime_us {
                        object_writer.write::<_, _, 8>(&prepared_lifetime_us);
                    }
                    if let ::core::option::Option::Some(prepared_budget) = prepared_budget {
                        object_writer.write::<_, _, 8>(&prepared_budget);
                    }
                    object_writer.write::<_, _, 64>(&prepared_signature);
                    if let ::core::option::Option::Some(prepared_context_tokens) = prepared_context_tokens {
                        object_writer.write::<_, _, 4>(&prepared_context_tokens);
                    }
                    if let ::core::option::Option::Some(prepared_generated_tokens) = prepared_generated_tokens {
                        object_writer.write::<_, _, 4>(&prepared_generated_tokens);
                    }
                    object_writer.write::<_, _, 4>(&prepared_contexts);
                    object_writer.write::<_, _, 4>(&prepared_payload);
                    if let ::core::option::Option::Some(prepared_kind) = prepared_kind {
                        object_writer.write::<_, _, 1>(&prepared_kind);
                    }
                    if let ::core::option::Option::Some(prepared_label) = prepared_label {
                        object_writer.write::<_, _, 1>(&prepared_label);
                    }
                    if let ::core::option::Option::Some(prepared_depth) = prepared_depth {
                        object_writer.write::<_, _, 1>(&prepared_depth);
                    }
                    if let ::core::option::Option::Some(prepared_effect) = prepared_effect {
                        object_writer.write::<_, _, 1>(&prepared_effect);
                    }
                    if let ::core::option::Option::Some(prepared_stakes) = prepared_stakes {
                        object_writer.write::<_, _, 1>(&prepared_stakes);
                    }
                });
            }
            builder.current_offset()
        }
    }

    impl ::planus::WriteAs<::planus::Offset<Intent>> for Intent {
        type Prepared = ::planus::Offset<Self>;

        #[inline]
        fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<Intent> {
            ::planus::WriteAsOffset::prepare(self, builder)
        }
    }

    impl ::planus::WriteAsOptional<::planus::Offset<Intent>> for Intent {
        type Prepared = ::planus::Offset<Self>;

        #[inline]
        fn prepare(&self, builder: &mut ::planus::Builder) -> ::core::option::Option<::planus::Offset<Intent>> {
            ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
        }
    }

    impl ::planus::WriteAsOffset<Intent> for Intent {
        #[inline]
        fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<Intent> {
            Intent::create(
                builder,
                self.kind,
                self.author,
                self.sequence,
                self.expires,
                self.capability,
                self.context_tokens,
                self.generated_tokens,
                self.lifetime_us,
                self.budget,
                self.label,
                self.depth,
                self.effect,
                self.stakes,
                &self.contexts,
                &self.payload,
                self.signature,
            )
        }
    }

    /// Reference to a deserialized [Intent].
    #[derive(Copy, Clone)]
    pub struct IntentRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);

    impl<'a> IntentRef<'a> {
        /// Getter for the [`kind` field](Intent#structfield.kind).
        #[inline]
        pub fn kind(&self) -> ::planus::Result<u8> {
            ::core::result::Result::Ok(self.0.access(0, "Intent", "kind")?.unwrap_or(0))
        }

        /// Getter for the [`author` field](Intent#structfield.author).
        #[inline]
        pub fn author(&self) -> ::planus::Result<self::H32Ref<'a>> {
            self.0.access_required(1, "Intent", "author")
        }

        /// Getter for the [`sequence` field](Intent#structfield.sequence).
        #[inline]
        pub fn sequence(&self) -> ::planus::Result<u64> {
            ::core::result::Result::Ok(self.0.access(2, "Intent", "sequence")?.unwrap_or(0))
        }

        /// Getter for the [`expires` field](Intent#structfield.expires).
        #[inline]
        pub fn expires(&self) -> ::planus::Result<u64> {
            ::core::result::Result::Ok(self.0.access(3, "Intent", "expires")?.unwrap_or(0))
        }

        /// Getter for the [`capability` field](Intent#structfield.capability).
        #[inline]
        pub fn capability(&self) -> ::planus::Result<self::H32Ref<'a>> {
            self.0.access_required(4, "Intent", "capability")
        }

        /// Getter for the [`context_tokens` field](Intent#structfield.context_tokens).
        #[inline]
        pub fn context_tokens(&self) -> ::planus::Result<u32> {
            ::core::result::Result::Ok(self.0.access(5, "Intent", "context_tokens")?.unwrap_or(0))
        }

        /// Getter for the [`generated_tokens` field](Intent#structfield.generated_tokens).
        #[inline]
        pub fn generated_tokens(&self) -> ::planus::Result<u32> {
            ::core::result::Result::Ok(self.0.access(6, "Intent", "generated_tokens")?.unwrap_or(0))
        }

        /// Getter for the [`lifetime_us` field](Intent#structfield.lifetime_us).
        #[inline]
        pub fn lifetime_us(&self) -> ::planus::Result<u64> {
            ::core::result::Result::Ok(self.0.access(7, "Intent", "lifetime_us")?.unwrap_or(0))
        }

        /// Getter for the [`budget` field](Intent#structfield.budget).
        #[inline]
        pub fn budget(&self) -> ::planus::Result<u64> {
            ::core::result::Result::Ok(self.0.access(8, "Intent", "budget")?.unwrap_or(0))
        }

        /// Getter for the [`label` field](Intent#structfield.label).
        #[inline]
        pub fn label(&self) -> ::planus::Result<u8> {
            ::core::result::Result::Ok(self.0.access(9, "Intent", "label")?.unwrap_or(0))
        }

        /// Getter for the [`depth` field](Intent#structfield.depth).
        #[inline]
        pub fn depth(&self) -> ::planus::Result<u8> {
            ::core::result::Result::Ok(self.0.access(10, "Intent", "depth")?.unwrap_or(0))
        }

        /// Getter for the [`effect` field](Intent#structfield.effect).
        #[inline]
        pub fn effect(&self) -> ::planus::Result<u8> {
            ::core::result::Result::Ok(self.0.access(11, "Intent", "effect")?.unwrap_or(0))
        }

        /// Getter for the [`stakes` field](Intent#structfield.stakes).
        #[inline]
        pub fn stakes(&self) -> ::planus::Result<u8> {
            ::core::result::Result::Ok(self.0.access(12, "Intent", "stakes")?.unwrap_or(0))
        }

        /// Getter for the [`contexts` field](Intent#structfield.contexts).
        #[inline]
        pub fn contexts(&self) -> ::planus::Result<::planus::Vector<'a, self::ContextRef<'a>>> {
            self.0.access_required(13, "Intent", "contexts")
        }

        /// Getter for the [`payload` field](Intent#structfield.payload).
        #[inline]
        pub fn payload(&self) -> ::planus::Result<&'a [u8]> {
            self.0.access_required(14, "Intent", "payload")
        }

        /// Getter for the [`signature` field](Intent#structfield.signature).
        #[inline]
        pub fn signature(&self) -> ::planus::Result<self::H64Ref<'a>> {
            self.0.access_required(15, "Intent", "signature")
        }
    }

    impl<'a> ::core::convert::TryFrom<IntentRef<'a>> for Intent {
        type Error = ::planus::Error;

        #[allow(unreachable_code)]
        fn try_from(value: IntentRef<'a>) -> ::planus::Result<Self> {
            ::core::result::Result::Ok(Self {
                kind: ::core::convert::TryInto::try_into(value.kind()?)?,
                author: ::core::convert::Into::into(value.author()?),
                sequence: ::core::convert::TryInto::try_into(value.sequence()?)?,
                expires: ::core::convert::TryInto::try_into(value.expires()?)?,
                capability: ::core::convert::Into::into(value.capability()?),
                context_tokens: ::core::convert::TryInto::try_into(value.context_tokens()?)?,
                generated_tokens: ::core::convert::TryInto::try_into(value.generated_tokens()?)?,
                lifetime_us: ::core::convert::TryInto::try_into(value.lifetime_us()?)?,
                budget: ::core::convert::TryInto::try_into(value.budget()?)?,
                label: ::core::convert::TryInto::try_into(value.label()?)?,
                depth: ::core::convert::TryInto::try_into(value.depth()?)?,
                effect: ::core::convert::TryInto::try_into(value.effect()?)?,
                stakes: ::core::convert::TryInto::try_into(value.stakes()?)?,
                contexts: value.contexts()?.to_vec()?,
                payload: value.payload()?.to_vec(),
                signature: ::core::convert::Into::into(value.signature()?),
            })
        }
    }

    impl<'a> ::planus::TableRead<'a> for IntentRef<'a> {
        #[inline]
        fn from_buffer(
            buffer: ::planus::SliceWithStartOffset<'a>,
            offset: usize,
        ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
            ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(buffer, offset)?))
        }
    }

    impl<'a> ::planus::VectorReadInner<'a> for IntentRef<'a> {
        type Error = ::planus::Error;
        const STRIDE: usize = 4;

        unsafe fn from_buffer(buffer: ::planus::SliceWithStartOffset<'a>, offset: usize) -> ::planus::Result<Self> {
            ::planus::TableRead::from_buffer(buffer, offset)
                .map_err(|error_kind| error_kind.with_error_location("[IntentRef]", "get", buffer.offset_from_start))
        }
    }

    /// # Safety
    /// The planus compiler generates implementations that initialize
    /// the bytes in `write_values`.
    unsafe impl ::planus::VectorWrite<::planus::Offset<Intent>> for Intent {
        type Value = ::planus::Offset<Intent>;
        const STRIDE: usize = 4;
        #[inline]
        fn prepare(&self, builder: &mut ::planus::Builder) -> Self::Value {
            ::planus::WriteAs::prepare(self, builder)
        }

        #[inline]
        unsafe fn write_values(
            values: &[::planus::Offset<Intent>],
            bytes: *mut ::core::mem::MaybeUninit<u8>,
            buffer_position: u32,
        ) {
            let bytes = bytes as *mut [::core::mem::MaybeUninit<u8>; 4];
            for (i, v) in ::core::iter::Iterator::enumerate(values.iter()) {
                ::planus::WriteAsPrimitive::write(
                    v,
                    ::planus::Cursor::new(unsafe { &mut *bytes.add(i) }),
                    buffer_position - (Self::STRIDE * i) as u32,
                );
            }
        }
    }

    impl<'a> ::planus::ReadAsRoot<'a> for IntentRef<'a> {
        fn read_as_root(slice: &'a [u8]) -> ::planus::Result<Self> {
            ::planus::TableRead::from_buffer(::planus::SliceWithStartOffset { buffer: slice, offset_from_start: 0 }, 0)
                .map_err(|error_kind| error_kind.with_error_location("[IntentRef]", "read_as_root", 0))
        }
    }

    /// The table `Advert`
    ///
    /// Generated from these locations:
    /// * Table `Advert` in the file `codec.fbs:26`
    #[derive(Clone)]
    pub struct Advert {
        /// The field `kind` in the table `Advert`
        pub kind: u8,
        /// The field `sequence` in the table `Advert`
        pub sequence: u32,
        /// The field `slots` in the table `Advert`
        pub slots: u16,
        /// The field `backlog_ms` in the table `Advert`
        pub backlog_ms: u16,
        /// The field `context_rate` in the table `Advert`
        pub context_rate: u16,
        /// The field `generated_rate` in the table `Advert`
        pub generated_rate: u16,
        /// The field `context_free` in the table `Advert`
        pub context_free: u16,
        /// The field `memory_kib` in the table `Advert`
        pub memory_kib: u16,
        /// The field `link` in the table `Advert`
        pub link: u16,
        /// The field `energy` in the table `Advert`
        pub energy: u16,
        /// The field `capabilities` in the table `Advert`
        pub capabilities: ::planus::alloc::vec::Vec<self::Capability>,
    }

    #[allow(clippy::derivable_impls)]
    impl ::core::default::Default for Advert {
        fn default() -> Self {
            Self {
                kind: 0,
                sequence: 0,
                slots: 0,
                backlog_ms: 0,
                context_rate: 0,
                generated_rate: 0,
                context_free: 0,
                memory_kib: 0,
                link: 0,
                energy: 0,
                capabilities: ::core::default::Default::default(),
            }
        }
    }

    impl Advert {
        #[allow(clippy::too_many_arguments)]
        pub fn create(
            builder: &mut ::planus::Builder,
            field_kind: impl ::planus::WriteAsDefault<u8, u8>,
            field_sequence: impl ::planus::WriteAsDefault<u32, u32>,
            field_slots: impl ::planus::WriteAsDefault<u16, u16>,
            field_backlog_ms: impl ::planus::WriteAsDefault<u16, u16>,
            field_context_rate: impl ::planus::WriteAsDefault<u16, u16>,
            field_generated_rate: impl ::planus::WriteAsDefault<u16, u16>,
            field_context_free: impl ::planus::WriteAsDefault<u16, u16>,
            field_memory_kib: impl ::planus::WriteAsDefault<u16, u16>,
            field_link: impl ::planus::WriteAsDefault<u16, u16>,
            field_energy: impl ::planus::WriteAsDefault<u16, u16>,
            field_capabilities: impl ::planus::WriteAs<::planus::Offset<[self::Capability]>>,
        ) -> ::planus::Offset<Self> {
            let prepared_kind = field_kind.prepare(builder, &0);
            let prepared_sequence = field_sequence.prepare(builder, &0);
            let prepared_slots = field_slots.prepare(builder, &0);
            let prepared_backlog_ms = field_backlog_ms.prepare(builder, &0);
            let prepared_context_rate = field_context_rate.prepare(builder, &0);
            let prepared_generated_rate = field_generated_rate.prepare(builder, &0);
            let prepared_context_free = field_context_free.prepare(builder, &0);
            let prepared_memory_kib = field_memory_kib.prepare(builder, &0);
            let prepared_link = field_link.prepare(builder, &0);
            let prepared_energy = field_energy.prepare(builder, &0);
            let prepared_capabilities = field_capabilities.prepare(builder);

            let mut table_writer: ::planus::table_writer::TableWriter<26> = ::core::default::Default::default();
            if prepared_sequence.is_some() {
                table_writer.write_entry::<u32>(1);
            }
            table_writer.write_entry::<::planus::Offset<[self::Capability]>>(10);
            if prepared_slots.is_some() {
                table_writer.write_entry::<u16>(2);
            }
            if prepared_backlog_ms.is_some() {
                table_writer.write_entry::<u16>(3);
            }
            if prepared_context_rate.is_some() {
                table_writer.write_entry::<u16>(4);
            }
            if prepared_generated_rate.is_some() {
                table_writer.write_entry::<u16>(5);
            }
            if prepared_context_free.is_some() {
                table_writer.write_entry::<u16>(6);
            }
            if prepared_memory_kib.is_some() {
                table_writer.write_entry::<u16>(7);
            }
            if prepared_link.is_some() {
                table_writer.write_entry::<u16>(8);
            }
            if prepared_energy.is_some() {
                table_writer.write_entry::<u16>(9);
            }
            if prepared_kind.is_some() {
                table_writer.write_entry::<u8>(0);
            }

            unsafe {
                table_writer.finish(builder, |object_writer| {
                    if let ::core::option::Option::Some(prepared_sequence) = prepared_sequence {
                        object_writer.write::<_, _, 4>(&prepared_sequence);
                    }
                    object_writer.write::<_, _, 4>(&prepared_capabilities);
                    if let ::core::option::Option::Some(prepared_slots) = prepared_slots {
                        object_writer.write::<_, _, 2>(&prepared_slots);
                    }
                    if let ::core::option::Option::Some(prepared_backlog_ms) = prepared_backlog_ms {
                        object_writer.write::<_, _, 2>(&prepared_backlog_ms);
                    }
                    if let ::core::option::Option::Some(prepared_context_rate) = prepared_context_rate {
                        object_writer.write::<_, _, 2>(&prepared_context_rate);
                    }
                    if let ::core::option::Option::Some(prepared_generated_rate) = prepared_generated_rate {
                        object_writer.write::<_, _, 2>(&prepared_generated_rate);
                    }
                    if let ::core::option::Option::Some(prepared_context_free) = prepared_context_free {
                        object_writer.write::<_, _, 2>(&prepared_context_free);
                    }
                    if let ::core::option::Option::Some(prepared_memory_kib) = prepared_memory_kib {
                        object_writer.write::<_, _, 2>(&prepared_memory_kib);
                    }
                    if let ::core::option::Option::Some(prepared_link) = prepared_link {
                        object_writer.write::<_, _, 2>(&prepared_link);
                    }
                    if let ::core::option::Option::Some(prepared_energy) = prepared_energy {
                        object_writer.write::<_, _, 2>(&prepared_energy);
                    }
                    if let ::core::option::Option::Some(prepared_kind) = prepared_kind {
                        object_writer.write::<_, _, 1>(&prepared_kind);
                    }
                });
            }
            builder.current_offset()
        }
    }

    impl ::planus::WriteAs<::planus::Offset<Advert>> for Advert {
        type Prepared = ::planus::Offset<Self>;

        #[inline]
        fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<Advert> {
            ::planus::WriteAsOffset::prepare(self, builder)
        }
    }

    impl ::planus::WriteAsOptional<::planus::Offset<Advert>> for Advert {
        type Prepared = ::planus::Offset<Self>;

        #[inline]
        fn prepare(&self, builder: &mut ::planus::Builder) -> ::core::option::Option<::planus::Offset<Advert>> {
            ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
        }
    }

    impl ::planus::WriteAsOffset<Advert> for Advert {
        #[inline]
        fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<Advert> {
            Advert::create(
                builder,
                self.kind,
                self.sequence,
                self.slots,
                self.backlog_ms,
                self.context_rate,
                self.generated_rate,
                self.context_free,
                self.memory_kib,
                self.link,
                self.energy,
                &self.capabilities,
            )
        }
    }

    /// Reference to a deserialized [Advert].
    #[derive(Copy, Clone)]
    pub struct AdvertRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);

    impl<'a> AdvertRef<'a> {
        /// Getter for the [`kind` field](Advert#structfield.kind).
        #[inline]
        pub fn kind(&self) -> ::planus::Result<u8> {
            ::core::result::Result::Ok(self.0.access(0, "Advert", "kind")?.unwrap_or(0))
        }

        /// Getter for the [`sequence` field](Advert#structfield.sequence).
        #[inline]
        pub fn sequence(&self) -> ::planus::Result<u32> {
            ::core::result::Result::Ok(self.0.access(1, "Advert", "sequence")?.unwrap_or(0))
        }

        /// Getter for the [`slots` field](Advert#structfield.slots).
        #[inline]
        pub fn slots(&self) -> ::planus::Result<u16> {
            ::core::result::Result::Ok(self.0.access(2, "Advert", "slots")?.unwrap_or(0))
        }

        /// Getter for the [`backlog_ms` field](Advert#structfield.backlog_ms).
        #[inline]
        pub fn backlog_ms(&self) -> ::planus::Result<u16> {
            ::core::result::Result::Ok(self.0.access(3, "Advert", "backlog_ms")?.unwrap_or(0))
        }

        /// Getter for the [`context_rate` field](Advert#structfield.context_rate).
        #[inline]
        pub fn context_rate(&self) -> ::planus::Result<u16> {
            ::core::result::Result::Ok(self.0.access(4, "Advert", "context_rate")?.unwrap_or(0))
        }

        /// Getter for the [`generated_rate` field](Advert#structfield.generated_rate).
        #[inline]
        pub fn generated_rate(&self) -> ::planus::Result<u16> {
            ::core::result::Result::Ok(self.0.access(5, "Advert", "generated_rate")?.unwrap_or(0))
        }

        /// Getter for the [`context_free` field](Advert#structfield.context_free).
        #[inline]
        pub fn context_free(&self) -> ::planus::Result<u16> {
            ::core::result::Result::Ok(self.0.access(6, "Advert", "context_free")?.unwrap_or(0))
        }

        /// Getter for the [`memory_kib` field](Advert#structfield.memory_kib).
        #[inline]
        pub fn memory_kib(&self) -> ::planus::Result<u16> {
            ::core::result::Result::Ok(self.0.access(7, "Advert", "memory_kib")?.unwrap_or(0))
        }

        /// Getter for the [`link` field](Advert#structfield.link).
        #[inline]
        pub fn link(&self) -> ::planus::Result<u16> {
            ::core::result::Result::Ok(self.0.access(8, "Advert", "link")?.unwrap_or(0))
        }

        /// Getter for the [`energy` field](Advert#structfield.energy).
        #[inline]
        pub fn energy(&self) -> ::planus::Result<u16> {
            ::core::result::Result::Ok(self.0.access(9, "Advert", "energy")?.unwrap_or(0))
        }

        /// Getter for the [`capabilities` field](Advert#structfield.capabilities).
        #[inline]
        pub fn capabilities(&self) -> ::planus::Result<::planus::Vector<'a, self::CapabilityRef<'a>>> {
            self.0.access_required(10, "Advert", "capabilities")
        }
    }

    impl<'a> ::core::convert::TryFrom<AdvertRef<'a>> for Advert {
        type Error = ::planus::Error;

        #[allow(unreachable_code)]
        fn try_from(value: AdvertRef<'a>) -> ::planus::Result<Self> {
            ::core::result::Result::Ok(Self {
                kind: ::core::convert::TryInto::try_into(value.kind()?)?,
                sequence: ::core::convert::TryInto::try_into(value.sequence()?)?,
                slots: ::core::convert::TryInto::try_into(value.slots()?)?,
                backlog_ms: ::core::convert::TryInto::try_into(value.backlog_ms()?)?,
                context_rate: ::core::convert::TryInto::try_into(value.context_rate()?)?,
                generated_rate: ::core::convert::TryInto::try_into(value.generated_rate()?)?,
                context_free: ::core::convert::TryInto::try_into(value.context_free()?)?,
                memory_kib: ::core::convert::TryInto::try_into(value.memory_kib()?)?,
                link: ::core::convert::TryInto::try_into(value.link()?)?,
                energy: ::core::convert::TryInto::try_into(value.energy()?)?,
                capabilities: value.capabilities()?.to_vec()?,
            })
        }
    }

    impl<'a> ::planus::TableRead<'a> for AdvertRef<'a> {
        #[inline]
        fn from_buffer(
            buffer: ::planus::SliceWithStartOffset<'a>,
            offset: usize,
        ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
            ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(buffer, offset)?))
        }
    }

    impl<'a> ::planus::VectorReadInner<'a> for AdvertRef<'a> {
        type Error = ::planus::Error;
        const STRIDE: usize = 4;

        unsafe fn from_buffer(buffer: ::planus::SliceWithStartOffset<'a>, offset: usize) -> ::planus::Result<Self> {
            ::planus::TableRead::from_buffer(buffer, offset)
                .map_err(|error_kind| error_kind.with_error_location("[AdvertRef]", "get", buffer.offset_from_start))
        }
    }

    /// # Safety
    /// The planus compiler generates implementations that initialize
    /// the bytes in `write_values`.
    unsafe impl ::planus::VectorWrite<::planus::Offset<Advert>> for Advert {
        type Value = ::planus::Offset<Advert>;
        const STRIDE: usize = 4;
        #[inline]
        fn prepare(&self, builder: &mut ::planus::Builder) -> Self::Value {
            ::planus::WriteAs::prepare(self, builder)
        }

        #[inline]
        unsafe fn write_values(
            values: &[::planus::Offset<Advert>],
            bytes: *mut ::core::mem::MaybeUninit<u8>,
            buffer_position: u32,
        ) {
            let bytes = bytes as *mut [::core::mem::MaybeUninit<u8>; 4];
            for (i, v) in ::core::iter::Iterator::enumerate(values.iter()) {
                ::planus::WriteAsPrimitive::write(
                    v,
                    ::planus::Cursor::new(unsafe { &mut *bytes.add(i) }),
                    buffer_position - (Self::STRIDE * i) as u32,
                );
            }
        }
    }

    impl<'a> ::planus::ReadAsRoot<'a> for AdvertRef<'a> {
        fn read_as_root(slice: &'a [u8]) -> ::planus::Result<Self> {
            ::planus::TableRead::from_buffer(::planus::SliceWithStartOffset { buffer: slice, offset_from_start: 0 }, 0)
                .map_err(|error_kind| error_kind.with_error_location("[AdvertRef]", "read_as_root", 0))
        }
    }

    /// The table `Chunk`
    ///
    /// Generated from these locations:
    /// * Table `Chunk` in the file `codec.fbs:40`
    #[derive(Clone)]
    pub struct Chunk {
        /// The field `kind` in the table `Chunk`
        pub kind: u8,
        /// The field `content` in the table `Chunk`
        pub content: self::H32,
        /// The field `index` in the table `Chunk`
        pub index: u32,
        /// The field `path` in the table `Chunk`
        pub path: ::planus::alloc::vec::Vec<self::H32>,
        /// The field `data` in the table `Chunk`
        pub data: ::planus::alloc::vec::Vec<u8>,
    }

    #[allow(clippy::derivable_impls)]
    impl ::core::default::Default for Chunk {
        fn default() -> Self {
            Self {
                kind: 0,
                content: ::core::default::Default::default(),
                index: 0,
                path: ::core::default::Default::default(),
                data: ::core::default::Default::default(),
            }
        }
    }

    impl Chunk {
        #[allow(clippy::too_many_arguments)]
        pub fn create(
            builder: &mut ::planus::Builder,
            field_kind: impl ::planus::WriteAsDefault<u8, u8>,
            field_content: impl ::planus::WriteAs<self::H32>,
            field_index: impl ::planus::WriteAsDefault<u32, u32>,
            field_path: impl ::planus::WriteAs<::planus::Offset<[self::H32]>>,
            field_data: impl ::planus::WriteAs<::planus::Offset<[u8]>>,
        ) -> ::planus::Offset<Self> {
            let prepared_kind = field_kind.prepare(builder, &0);
            let prepared_content = field_content.prepare(builder);
            let prepared_index = field_index.prepare(builder, &0);
            let prepared_path = field_path.prepare(builder);
            let prepared_data = field_data.prepare(builder);

            let mut table_writer: ::planus::table_writer::TableWriter<14> = ::core::default::Default::default();
            table_writer.write_entry::<self::H32>(1);
            if prepared_index.is_some() {
                table_writer.write_entry::<u32>(2);
            }
            table_writer.write_entry::<::planus::Offset<[self::H32]>>(3);
            table_writer.write_entry::<::planus::Offset<[u8]>>(4);
            if prepared_kind.is_some() {
                table_writer.write_entry::<u8>(0);
            }

            unsafe {
                table_writer.finish(builder, |object_writer| {
                    object_writer.write::<_, _, 32>(&prepared_content);
                    if let ::core::option::Option::Some(prepared_index) = prepared_index {
                        object_writer.write::<_, _, 4>(&prepared_index);
                    }
                    object_writer.write::<_, _, 4>(&prepared_path);
                    object_writer.write::<_, _, 4>(&prepared_data);
                    if let ::core::option::Option::Some(prepared_kind) = prepared_kind {
                        object_writer.write::<_, _, 1>(&prepared_kind);
                    }
                });
            }
            builder.current_offset()
        }
    }

    impl ::planus::WriteAs<::planus::Offset<Chunk>> for Chunk {
        type Prepared = ::planus::Offset<Self>;

        #[inline]
        fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<Chunk> {
            ::planus::WriteAsOffset::prepare(self, builder)
        }
    }

    impl ::planus::WriteAsOptional<::planus::Offset<Chunk>> for Chunk {
        type Prepared = ::planus::Offset<Self>;

        #[inline]
        fn prepare(&self, builder: &mut ::planus::Builder) -> ::core::option::Option<::planus::Offset<Chunk>> {
            ::core::option::Option::Some(::planus::WriteAsOffset::prepare(self, builder))
        }
    }

    impl ::planus::WriteAsOffset<Chunk> for Chunk {
        #[inline]
        fn prepare(&self, builder: &mut ::planus::Builder) -> ::planus::Offset<Chunk> {
            Chunk::create(builder, self.kind, self.content, self.index, &self.path, &self.data)
        }
    }

    /// Reference to a deserialized [Chunk].
    #[derive(Copy, Clone)]
    pub struct ChunkRef<'a>(#[allow(dead_code)] ::planus::table_reader::Table<'a>);

    impl<'a> ChunkRef<'a> {
        /// Getter for the [`kind` field](Chunk#structfield.kind).
        #[inline]
        pub fn kind(&self) -> ::planus::Result<u8> {
            ::core::result::Result::Ok(self.0.access(0, "Chunk", "kind")?.unwrap_or(0))
        }

        /// Getter for the [`content` field](Chunk#structfield.content).
        #[inline]
        pub fn content(&self) -> ::planus::Result<self::H32Ref<'a>> {
            self.0.access_required(1, "Chunk", "content")
        }

        /// Getter for the [`index` field](Chunk#structfield.index).
        #[inline]
        pub fn index(&self) -> ::planus::Result<u32> {
            ::core::result::Result::Ok(self.0.access(2, "Chunk", "index")?.unwrap_or(0))
        }

        /// Getter for the [`path` field](Chunk#structfield.path).
        #[inline]
        pub fn path(&self) -> ::planus::Result<::planus::Vector<'a, self::H32Ref<'a>>> {
            self.0.access_required(3, "Chunk", "path")
        }

        /// Getter for the [`data` field](Chunk#structfield.data).
        #[inline]
        pub fn data(&self) -> ::planus::Result<&'a [u8]> {
            self.0.access_required(4, "Chunk", "data")
        }
    }

    impl<'a> ::core::convert::TryFrom<ChunkRef<'a>> for Chunk {
        type Error = ::planus::Error;

        #[allow(unreachable_code)]
        fn try_from(value: ChunkRef<'a>) -> ::planus::Result<Self> {
            ::core::result::Result::Ok(Self {
                kind: ::core::convert::TryInto::try_into(value.kind()?)?,
                content: ::core::convert::Into::into(value.content()?),
                index: ::core::convert::TryInto::try_into(value.index()?)?,
                path: value.path()?.to_vec()?,
                data: value.data()?.to_vec(),
            })
        }
    }

    impl<'a> ::planus::TableRead<'a> for ChunkRef<'a> {
        #[inline]
        fn from_buffer(
            buffer: ::planus::SliceWithStartOffset<'a>,
            offset: usize,
        ) -> ::core::result::Result<Self, ::planus::errors::ErrorKind> {
            ::core::result::Result::Ok(Self(::planus::table_reader::Table::from_buffer(buffer, offset)?))
        }
    }

    impl<'a> ::planus::VectorReadInner<'a> for ChunkRef<'a> {
        type Error = ::planus::Error;
        const STRIDE: usize = 4;

        unsafe fn from_buffer(buffer: ::planus::SliceWithStartOffset<'a>, offset: usize) -> ::planus::Result<Self> {
            ::planus::TableRead::from_buffer(buffer, offset)
                .map_err(|error_kind| error_kind.with_error_location("[ChunkRef]", "get", buffer.offset_from_start))
        }
    }

    /// # Safety
    /// The planus compiler generates implementations that initialize
    /// the bytes in `write_values`.
    unsafe impl ::planus::VectorWrite<::planus::Offset<Chunk>> for Chunk {
        type Value = ::planus::Offset<Chunk>;
        const STRIDE: usize = 4;
        #[inline]
        fn prepare(&self, builder: &mut ::planus::Builder) -> Self::Value {
            ::planus::WriteAs::prepare(self, builder)
        }

        #[inline]
        unsafe fn write_values(
            values: &[::planus::Offset<Chunk>],
            bytes: *mut ::core::mem::MaybeUninit<u8>,
            buffer_position: u32,
        ) {
            let bytes = bytes as *mut [::core::mem::MaybeUninit<u8>; 4];
            for (i, v) in ::core::iter::Iterator::enumerate(values.iter()) {
                ::planus::WriteAsPrimitive::write(
                    v,
                    ::planus::Cursor::new(unsafe { &mut *bytes.add(i) }),
                    buffer_position - (Self::STRIDE * i) as u32,
                );
            }
        }
    }

    impl<'a> ::planus::ReadAsRoot<'a> for ChunkRef<'a> {
        fn read_as_root(slice: &'a [u8]) -> ::planus::Result<Self> {
            ::planus::TableRead::from_buffer(::planus::SliceWithStartOffset { buffer: slice, offset_from_start: 0 }, 0)
                .map_err(|error_kind| error_kind.with_error_location("[ChunkRef]", "read_as_root", 0))
        }
    }
}
