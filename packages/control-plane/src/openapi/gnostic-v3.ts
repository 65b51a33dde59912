import { type Choices, GnosticMessages, memberOf, type Variant } from "./gnostic-messages.js";

/** Field numbers of the messages of `openapi.v3` in gnostic that Kubernetes' documents are made of, in order. */
const MESSAGES = `
Document openapi=1 info=2:Info paths=4/1{}PathItem components=5:Components security=6[]SecurityRequirement x=9
Info title=1 description=2 version=6 x=7
Components schemas=1/1{}SchemaOrReference securitySchemes=7/1{}SecuritySchemeOrReference x=10
PathItem $ref=1 summary=2 description=3 get=4:Operation put=5:Operation post=6:Operation delete=7:Operation options=8:Operation head=9:Operation patch=10:Operation parameters=13[]ParameterOrReference x=14
Operation tags=1[] summary=2 description=3 externalDocs=4:ExternalDocs operationId=5 parameters=6[]ParameterOrReference requestBody=7:RequestBodyOrReference responses=8/2{}ResponseOrReference deprecated=10:bool x=13
ExternalDocs description=1 url=2 x=3
Reference $ref=1 summary=2 description=3
Parameter name=1 in=2 description=3 required=4:bool deprecated=5:bool schema=10:SchemaOrReference x=14
RequestBody description=1 content=2/1{}MediaType required=3:bool x=4
MediaType schema=1:SchemaOrReference x=5
Response description=1 content=3/1{}MediaType x=5
Schema nullable=1:bool readOnly=3:bool externalDocs=6:ExternalDocs example=7:any deprecated=8:bool title=9 multipleOf=10:double maximum=11:double exclusiveMaximum=12:bool minimum=13:double exclusiveMinimum=14:bool maxLength=15:int64 minLength=16:int64 pattern=17 maxItems=18:int64 minItems=19:int64 uniqueItems=20:bool maxProperties=21:int64 minProperties=22:int64 required=23[] enum=24[]any type=25 allOf=26[]SchemaOrReference oneOf=27[]SchemaOrReference anyOf=28[]SchemaOrReference not=29:Schema items=30/1[]SchemaOrReference properties=31/1{}SchemaOrReference additionalProperties=32:AdditionalProperties default=33:Default description=34 format=35 x=36
SecurityScheme type=1 description=2 name=3 in=4 scheme=5 x=9
SecurityRequirement *=1{}StringArray
StringArray *=1[]
Nothing
`;

/** What may be a reference instead, in field 2. */
function orReference(message: string): (value: unknown) => Variant {
  return (value) =>
    memberOf(value, "$ref") === undefined ? { path: [1], message } : { path: [2], message: "Reference" };
}

/** Defaults are scalars there; others are told to be, and not what they are. */
function defaultOf(value: unknown): Variant {
  if (typeof value === "number") return { path: [1], message: "double" };
  if (typeof value === "boolean") return { path: [2], message: "bool" };
  return typeof value === "string" ? { path: [3], message: "string" } : { path: [], message: "Nothing" };
}

const CHOICES: Choices = {
  AdditionalProperties: (value) =>
    typeof value === "boolean" ? { path: [2], message: "bool" } : { path: [1], message: "SchemaOrReference" },
  Default: defaultOf,
  ParameterOrReference: orReference("Parameter"),
  RequestBodyOrReference: orReference("RequestBody"),
  ResponseOrReference: orReference("Response"),
  SchemaOrReference: orReference("Schema"),
  SecuritySchemeOrReference: orReference("SecurityScheme"),
};

/** The third edition of OpenAPI in gnostic's messages. */
export const GNOSTIC_V3 = new GnosticMessages(MESSAGES, CHOICES);
