import { type Choices, GnosticMessages, memberOf, type Variant } from "./gnostic-messages.js";

/** Field numbers of the messages of `openapi.v2` in gnostic that Kubernetes' documents are made of, in order. */
const MESSAGES = `
Document swagger=1 info=2:Info host=3 basePath=4 schemes=5[] consumes=6[] produces=7[] paths=8/2{}PathItem definitions=9/1{}Schema parameters=10/1{}PlainParameter responses=11/1{}Response security=12[]SecurityRequirement securityDefinitions=13/1{}SecurityDefinition x=16
Info title=1 version=2 description=3 termsOfService=4 x=7
PathItem $ref=1 get=2:Operation put=3:Operation post=4:Operation delete=5:Operation options=6:Operation head=7:Operation patch=8:Operation parameters=9[]Parameter x=10
Operation tags=1[] summary=2 description=3 externalDocs=4:ExternalDocs operationId=5 produces=6[] consumes=7[] parameters=8[]Parameter responses=9/1{}ResponseValue schemes=10[] deprecated=11:bool x=13
ExternalDocs description=1 url=2 x=3
Reference $ref=1 description=2
BodyParameter description=1 name=2 in=3 required=4:bool schema=5:Schema x=6
HeaderParameter required=1:bool in=2 description=3 name=4 type=5 format=6 default=9:any pattern=16 uniqueItems=19:bool enum=20[]any x=22
PathParameter required=1:bool in=2 description=3 name=4 type=5 format=6 default=9:any pattern=16 uniqueItems=19:bool enum=20[]any x=22
QueryParameter required=1:bool in=2 description=3 name=4 allowEmptyValue=5:bool type=6 format=7 default=10:any pattern=17 uniqueItems=20:bool enum=21[]any x=23
Response description=1 schema=2/1:Schema x=5
Schema $ref=1 format=2 title=3 description=4 default=5:any multipleOf=6:double maximum=7:double exclusiveMaximum=8:bool minimum=9:double exclusiveMinimum=10:bool maxLength=11:int64 minLength=12:int64 pattern=13 maxItems=14:int64 minItems=15:int64 uniqueItems=16:bool maxProperties=17:int64 minProperties=18:int64 required=19[] enum=20[]any additionalProperties=21:AdditionalProperties type=22/1[] items=23/1[]Schema allOf=24[]Schema properties=25/1{}Schema discriminator=26 readOnly=27:bool externalDocs=29:ExternalDocs example=30:any x=31
ApiKeySecurity type=1 name=2 in=3 description=4 x=5
SecurityRequirement *=1{}StringArray
StringArray *=1[]
`;

const REFERENCE: Variant = { path: [2], message: "Reference" };

function parameterOf(value: unknown): Variant {
  switch (memberOf(value, "in")) {
    case "body":
      return { path: [1], message: "BodyParameter" };
    case "header":
      return { path: [2, 1], message: "HeaderParameter" };
    case "path":
      return { path: [2, 4], message: "PathParameter" };
    default:
      return { path: [2, 3], message: "QueryParameter" };
  }
}

const CHOICES: Choices = {
  AdditionalProperties: (value) =>
    typeof value === "boolean" ? { path: [2], message: "bool" } : { path: [1], message: "Schema" },
  PlainParameter: parameterOf,
  Parameter: (value) => {
    if (memberOf(value, "$ref") !== undefined) return REFERENCE;
    const { path, message } = parameterOf(value);
    return { path: [1, ...path], message };
  },
  ResponseValue: (value) =>
    memberOf(value, "$ref") === undefined ? { path: [1], message: "Response" } : REFERENCE,
  SecurityDefinition: () => ({ path: [2], message: "ApiKeySecurity" }),
};

/** The second edition of OpenAPI in gnostic's messages. */
export const GNOSTIC_V2 = new GnosticMessages(MESSAGES, CHOICES);
