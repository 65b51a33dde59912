/** Types of `io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1`; the format is described in `../facts.ts`. */
export default `
@ConversionRequest
uid 1 s/types.UID r d0
desiredAPIVersion 2 s r d0
objects 3 []R r t=atomic
@ConversionResponse
uid 1 s/types.UID r d0
convertedObjects 2 []R r t=atomic
result 3 =meta.v1.Status r
@ConversionReview
%
request 1 =ConversionRequest po
response 2 =ConversionResponse po
@CustomResourceColumnDefinition
name 1 s r d0
type 2 s r d0
format 3 s o
description 4 s o
priority 5 i o
jsonPath 6 s r d0
@CustomResourceConversion
strategy 1 s/ConversionStrategyType r d0
webhook 2 =WebhookConversion po
@CustomResourceDefinition
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =CustomResourceDefinitionSpec r
status 3 =CustomResourceDefinitionStatus o
@CustomResourceDefinitionCondition
type 1 s/CustomResourceDefinitionConditionType r d0
status 2 s/ConditionStatus r d0
lastTransitionTime 3 T o
reason 4 s o
message 5 s o
observedGeneration 6 l o
@CustomResourceDefinitionNames
plural 1 s r d0
singular 2 s o
shortNames 3 []s o t=atomic
kind 4 s r d0
listKind 5 s o
categories 6 []s o t=atomic
@CustomResourceDefinitionSpec
group 1 s r d0
names 3 =CustomResourceDefinitionNames r
scope 4 s/ResourceScope r d0
versions 7 []=CustomResourceDefinitionVersion r t=atomic
conversion 9 =CustomResourceConversion po
preserveUnknownFields 10 b o
@CustomResourceDefinitionStatus
conditions 1 []=CustomResourceDefinitionCondition - t=map:type
acceptedNames 2 =CustomResourceDefinitionNames -
storedVersions 3 []s - t=atomic
observedGeneration 4 l o
@CustomResourceDefinitionVersion
name 1 s r d0
served 2 b r d0
storage 3 b r d0
deprecated 7 b o
deprecationWarning 8 s po
schema 4 =CustomResourceValidation po
subresources 5 =CustomResourceSubresources po
additionalPrinterColumns 6 []=CustomResourceColumnDefinition o t=atomic
selectableFields 9 []=SelectableField o t=atomic
@CustomResourceSubresourceScale
specReplicasPath 1 s r d0
statusReplicasPath 2 s r d0
labelSelectorPath 3 s po
@CustomResourceSubresourceStatus
@CustomResourceSubresources
status 1 =CustomResourceSubresourceStatus po
scale 2 =CustomResourceSubresourceScale po
@CustomResourceValidation
openAPIV3Schema 1 =JSONSchemaProps po
@ExternalDocumentation
description 1 s o
url 2 s o
@JSONSchemaProps
id 1 s o
$schema 2 s/JSONSchemaURL o
$ref 3 s po
description 4 s o
type 5 s o
format 6 s o
title 7 s o
default 8 J po
maximum 9 f po
exclusiveMaximum 10 b o
minimum 11 f po
exclusiveMinimum 12 b o
maxLength 13 l po
minLength 14 l po
pattern 15 s o
maxItems 16 l po
minItems 17 l po
uniqueItems 18 b o
multipleOf 19 f po
enum 20 []J o t=atomic
maxProperties 21 l po
minProperties 22 l po
required 23 []s o t=atomic
items 24 A po
allOf 25 []=JSONSchemaProps o t=atomic
oneOf 26 []=JSONSchemaProps o t=atomic
anyOf 27 []=JSONSchemaProps o t=atomic
not 28 =JSONSchemaProps po
properties 29 {}=JSONSchemaProps o
additionalProperties 30 B po
patternProperties 31 {}=JSONSchemaProps o
dependencies 32 {}X o
additionalItems 33 B po
definitions 34 {}=JSONSchemaProps o
externalDocs 35 =ExternalDocumentation po
example 36 J po
nullable 37 b o
x-kubernetes-preserve-unknown-fields 38 b po
x-kubernetes-embedded-resource 39 b o
x-kubernetes-int-or-string 40 b o
x-kubernetes-list-map-keys 41 []s o t=atomic
x-kubernetes-list-type 42 s po
x-kubernetes-map-type 43 s po
x-kubernetes-validations 44 []=ValidationRule o t=map:rule k=merge:rule
@SelectableField
jsonPath 1 s r d0
@ServiceReference
namespace 1 s r d0
name 2 s r d0
path 3 s po
port 4 i po
@ValidationRule
rule 1 s r d0
message 2 s o
messageExpression 3 s o
reason 4 s/FieldValueErrorReason po e=FieldValueDuplicate|FieldValueForbidden|FieldValueInvalid|FieldValueRequired
fieldPath 5 s o
optionalOldSelf 6 b po
@WebhookClientConfig
url 3 s po
service 1 =ServiceReference po
caBundle 2 y o
@WebhookConversion
clientConfig 2 =WebhookClientConfig po
conversionReviewVersions 3 []s r t=atomic
`;
