"""Makes the planned resources in moto, a stand-in for AWS that others wrote, through AWS's own client.

Reads {"region", "before": [{"client", "call", "with", "planned", "found"}], "resources": [{"type", "name", "id", "inputs",
"outputs"}]}, the resources in the order they are made, and writes a list of
{"name", "type", "call", "outcome", "says", "unsent"}: outcome is "made", "refused" (by the client's own model of AWS or by the
stand-in) or "no call" (a kind that only the provider knows, or a call that the stand-in does not have).

How a kind becomes a call is worked out from the client's model: the call is Create<Kind>, each input goes to the member of the
same name. What follows another rule stands in calls.py.
"""

import json
import os
import re
import sys

os.environ.update(MOTO_EC2_ENABLE_INSTANCE_TYPE_VALIDATION="true")
os.environ.update(AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="testing", AWS_DEFAULT_REGION="us-east-1")
for proxy in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
    os.environ.pop(proxy, None)

import boto3  # noqa: E402
from botocore import xform_name  # noqa: E402
from botocore.exceptions import BotoCoreError, ClientError  # noqa: E402
from moto import mock_aws  # noqa: E402

from calls import CALLS, INTO, OWN, SYNONYMS  # noqa: E402


def plain(name):
    return name.replace("_", "").lower()


def member(shape, name, kind):
    """The member of a structure that an input belongs to: by its name, in one or many, or with the kind before it."""
    members = {plain(one): one for one in shape.members}
    wanted = plain(name)
    wanted = SYNONYMS.get(wanted, wanted) if wanted not in members else wanted
    forms = [wanted, wanted + "s", wanted.rstrip("s"), plain(kind) + wanted, re.sub("ies$", "y", wanted)]
    return next((members[form] for form in forms if form in members), None)


def shaped(value, shape, kind, path, unsent):
    """The value in the form that the client's model has for it."""
    if shape.type_name == "structure":
        inner = value[0] if isinstance(value, list) and len(value) == 1 else value
        if not isinstance(inner, dict):
            return value
        result = {}
        for name, one in inner.items():
            target = member(shape, name, kind)
            if target is None:
                unsent.append(f"{path}{name}")
            elif one is not None:
                result[target] = shaped(one, shape.members[target], kind, f"{path}{name}.", unsent)
        return result
    if shape.type_name == "list" and isinstance(value, dict) and {"Key", "Value"} == set(getattr(shape.member, "members", {})):
        return [{"Key": key, "Value": one} for key, one in value.items()]
    if shape.type_name == "list":
        many = value if isinstance(value, list) else [value]
        return [shaped(one, shape.member, kind, path, unsent) for one in many]
    if shape.type_name == "map" and isinstance(value, dict):
        return {key: shaped(one, shape.value, kind, path, unsent) for key, one in value.items()}
    if shape.type_name == "boolean" and value in ("true", "false"):
        return value == "true"
    if shape.type_name in ("integer", "long") and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def tagged(shape, tags, kind):
    """Tags, in whichever of AWS's forms the call takes them."""
    if "TagSpecifications" in shape.members:
        word = re.sub("(?<!^)([A-Z])", r"-\1", {"Eip": "ElasticIp"}.get(kind, kind)).lower()
        pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
        return {"TagSpecifications": [{"ResourceType": word, "Tags": pairs}]}
    name = member(shape, "tags", kind)
    if name is None:
        return {}
    if shape.members[name].type_name == "map":
        return {name: tags}
    keys = shape.members[name].member.members
    key, value = (next(one for one in keys if plain(one).endswith(end)) for end in ("key", "value"))
    return {name: [{key: a, value: b} for a, b in tags.items()]}


def found(response, name):
    """What a response holds under a name, however deep."""
    if isinstance(response, dict):
        for key, value in response.items():
            if plain(key) == plain(name) and isinstance(value, (str, int)):
                return value
        response = [value for key, value in response.items() if key != "ResponseMetadata"]
    if isinstance(response, list):
        return next((hit for hit in (found(one, name) for one in response) if hit is not None), None)
    return None


class StandIn:
    def __init__(self):
        self.real = {}
        self.clients = {}

    def client(self, service, region):
        key = (service, region)
        if key not in self.clients:
            self.clients[key] = boto3.client(service, region_name=region)
        return self.clients[key]

    def known(self, value):
        """The value with what the plan made up replaced by what the stand-in gave."""
        if isinstance(value, dict):
            return {key: self.known(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self.known(one) for one in value]
        if not isinstance(value, str):
            return value
        for planned, real in self.real.items():
            value = value.replace(planned, real)
        return value

    def learn(self, resource, kind, response):
        inputs = json.dumps(resource["inputs"])

        def learn(name, planned):
            if not isinstance(planned, str) or len(planned) < 8 or json.dumps(planned)[1:-1] in inputs:
                return
            names = [kind + "Id", "KeyId", "Arn", "AllocationId", "GroupId", "VolumeId"] if name == "id" else [name, kind + name]
            real = next((hit for hit in (found(response, one) for one in names) if hit is not None), None)
            if real is not None:
                self.real[planned] = str(real)

        def walk(tree, name=""):
            if isinstance(tree, dict):
                for key, value in tree.items():
                    walk(value, key)
            elif isinstance(tree, list):
                for one in tree:
                    walk(one, name)
            else:
                learn(name, tree)

        walk(resource["outputs"])
        learn("id", resource["id"])
        # The longest first: one name may begin another.
        self.real = dict(sorted(self.real.items(), key=lambda pair: -len(pair[0])))

    def make(self, resource):
        token = resource["type"].split(":", 1)[1]
        kind = token.split(":")[-1]
        told = {"name": resource["name"], "type": resource["type"], "unsent": [], "says": ""}
        service, operation, renames, besides = CALLS.get(token, (token.split("/")[0], "Create" + kind, {}, {})) or (None,) * 4
        if service is None:
            return {**told, "call": "", "outcome": "no call"}
        region = resource["inputs"].get("region") or resource["outputs"].get("region") or "us-east-1"
        inputs = {**self.known(resource["inputs"]), "region": region}
        client = self.client(service, region)
        model = client.meta.service_model
        if operation not in model.operation_names:
            return {**told, "call": f"{service}.{operation}", "outcome": "no call", "says": "the client has no such call"}
        shape = model.operation_model(operation).input_shape
        told["call"] = f"{service}.{operation}"
        sent = {}
        into = besides.get(INTO, [])
        if into:
            inner = {name: value for name, value in inputs.items() if name not in ("bucket", "region")}
            for one in reversed(into[1:]):
                inner = {one: inner}
            inputs = {"bucket": inputs["bucket"], "region": region, into[0]: inner}
        for name, value in inputs.items():
            target = renames.get(name, name)
            if name in OWN or name.startswith("__") or value is None or value == []:
                continue
            if target is None or member(shape, target, kind) is None:
                told["unsent"].append(name)
                continue
            sent[target] = value
        arguments = {**shaped(sent, shape, kind, "", told["unsent"]), **{name: value for name, value in besides.items() if name != INTO}}
        tags = resource["outputs"].get("tagsAll") or inputs.get("tags")
        if tags:
            arguments.update(tagged(shape, tags, kind))
        self.adjust(token, inputs, arguments, told["unsent"])
        try:
            response = getattr(client, xform_name(operation))(**arguments)
            self.afterwards(token, client, inputs, response, told["unsent"])
        except Exception as error:  # noqa: BLE001: whatever is said is the answer
            # What is no answer of AWS's is a fault of the stand-in's own.
            lacks = not isinstance(error, (ClientError, BotoCoreError)) or "Not yet implemented" in str(error)
            return {**told, "outcome": "no call" if lacks else "refused", "says": f"{type(error).__name__}: {error}"}
        self.learn(resource, kind, response)
        return {**told, "outcome": "made"}

    def afterwards(self, token, client, inputs, response, unsent):
        """What the provider does with calls of their own, once the thing is there."""

        def take(*names):
            for name in names:
                if name in unsent:
                    unsent.remove(name)

        if token == "cloudwatch/logGroup:LogGroup" and "retentionInDays" in inputs:
            client.put_retention_policy(logGroupName=inputs["name"], retentionInDays=int(inputs["retentionInDays"]))
            take("retentionInDays")
        if token == "kms/key:Key" and inputs.get("enableKeyRotation"):
            client.enable_key_rotation(
                KeyId=response["KeyMetadata"]["KeyId"], RotationPeriodInDays=int(inputs.get("rotationPeriodInDays", 365))
            )
            take("enableKeyRotation", "rotationPeriodInDays", "deletionWindowInDays")
        if token == "ec2/vpc:Vpc":
            for name in ("enableDnsSupport", "enableDnsHostnames"):
                if name in inputs:
                    value = {name[0].upper() + name[1:]: {"Value": inputs[name]}}
                    client.modify_vpc_attribute(VpcId=response["Vpc"]["VpcId"], **value)
                    take(name)
        if token == "ec2/subnet:Subnet" and "mapPublicIpOnLaunch" in inputs:
            value = {"Value": inputs["mapPublicIpOnLaunch"]}
            client.modify_subnet_attribute(SubnetId=response["Subnet"]["SubnetId"], MapPublicIpOnLaunch=value)
            take("mapPublicIpOnLaunch")
        if token == "ec2/internetGateway:InternetGateway" and "vpcId" in inputs:
            gateway = response["InternetGateway"]["InternetGatewayId"]
            client.attach_internet_gateway(InternetGatewayId=gateway, VpcId=inputs["vpcId"])
            take("vpcId")
        if token == "ec2/securityGroup:SecurityGroup":
            # AWS lets everything out of a new group; the provider takes that back.
            everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
            client.revoke_security_group_egress(GroupId=response["GroupId"], IpPermissions=everything)

    def adjust(self, token, inputs, arguments, unsent):
        """What one input becomes several of, or several one."""

        def take(*names):
            for name in names:
                if name in unsent:
                    unsent.remove(name)

        if token == "ec2/instance:Instance":
            root = inputs.get("rootBlockDevice") or {}
            disk = {key[0].upper() + key[1:]: value for key, value in root.items() if key not in ("tags", "tagsAll", "volumeSize")}
            disk = {**disk, **({"VolumeSize": int(root["volumeSize"])} if "volumeSize" in root else {})}
            arguments["BlockDeviceMappings"] = [{"DeviceName": "/dev/sda1", "Ebs": disk}]
            if "primaryNetworkInterface" in inputs:
                card = inputs["primaryNetworkInterface"]["networkInterfaceId"]
                arguments["NetworkInterfaces"] = [{"DeviceIndex": 0, "NetworkInterfaceId": card}]
            if isinstance(inputs.get("iamInstanceProfile"), str):
                arguments["IamInstanceProfile"] = {"Name": inputs["iamInstanceProfile"]}
            if "monitoring" in inputs:
                arguments["Monitoring"] = {"Enabled": inputs["monitoring"]}
            take("rootBlockDevice", "primaryNetworkInterface", "userDataReplaceOnChange")
        if token == "ec2/launchTemplate:LaunchTemplate":
            kept = {"LaunchTemplateName", "TagSpecifications"}
            shape = self.client("ec2", "us-east-1").meta.service_model.shape_for("RequestLaunchTemplateData")
            data = {name: value for name, value in inputs.items() if name not in OWN and name != "name" and member(shape, name, "")}
            for name in list(arguments):
                if name not in kept:
                    del arguments[name]
            arguments["LaunchTemplateData"] = shaped(data, shape, "", "", unsent)
            take(*data)
        if token.startswith("vpc/securityGroup"):
            permission = {"IpProtocol": inputs["ipProtocol"]}
            words = {"Description": inputs["description"]} if "description" in inputs else {}
            for name in ("fromPort", "toPort"):
                if name in inputs:
                    permission[name[0].upper() + name[1:]] = int(inputs[name])
            if "cidrIpv4" in inputs:
                permission["IpRanges"] = [{"CidrIp": inputs["cidrIpv4"], **words}]
            if "cidrIpv6" in inputs:
                permission["Ipv6Ranges"] = [{"CidrIpv6": inputs["cidrIpv6"], **words}]
            if "referencedSecurityGroupId" in inputs:
                permission["UserIdGroupPairs"] = [{"GroupId": inputs["referencedSecurityGroupId"], **words}]
            arguments.clear()
            arguments.update(GroupId=inputs["securityGroupId"], IpPermissions=[permission])
            take("cidrIpv4", "cidrIpv6", "referencedSecurityGroupId", "ipProtocol", "fromPort", "toPort", "securityGroupId", "description")
        if token == "route53/record:Record":
            record = {"Name": inputs["name"], "Type": inputs["type"]}
            if "records" in inputs:
                record.update(TTL=int(inputs["ttl"]), ResourceRecords=[{"Value": one} for one in inputs["records"]])
            for alias in inputs.get("aliases", []):
                target = {"HostedZoneId": alias["zoneId"], "DNSName": alias["name"]}
                record["AliasTarget"] = {**target, "EvaluateTargetHealth": alias["evaluateTargetHealth"]}
            arguments["ChangeBatch"] = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
            take("name", "type", "ttl", "records", "aliases", "allowOverwrite")
        if token == "eks/cluster:Cluster" and "enabledClusterLogTypes" in inputs:
            arguments["logging"] = {"clusterLogging": [{"types": inputs["enabledClusterLogTypes"], "enabled": True}]}
            take("enabledClusterLogTypes")
        if token == "s3/bucket:Bucket":
            region = inputs["region"]
            if region != "us-east-1":
                arguments["CreateBucketConfiguration"] = {"LocationConstraint": region}


def main():
    given = json.load(sys.stdin)
    with mock_aws():
        stand_in = StandIn()
        # What a stack is told of by its configuration, and stands before it.
        for make in given["before"]:
            client = stand_in.client(make["client"], given["region"])
            response = getattr(client, make["call"])(**stand_in.known(make["with"]))
            if "planned" in make:
                stand_in.real[make["planned"]] = found(response, make["found"])
        json.dump([stand_in.make(resource) for resource in given["resources"]], sys.stdout)


main()
