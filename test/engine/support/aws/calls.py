"""How a kind of the provider becomes a call of AWS's API, where its name does not tell."""

# All of the inputs but the name of what they are for go into this member of the call, from the outside inwards.
INTO = "into"
# By kind: the client, the call, other names of inputs, and what the call wants besides.
CALLS = {
    "acm/certificate:Certificate": ("acm", "RequestCertificate", {}, {}),
    # The provider waits until the certificate is there, and takes over the group that each network comes with.
    "acm/certificateValidation:CertificateValidation": None,
    "ec2/defaultSecurityGroup:DefaultSecurityGroup": None,
    "ecr/lifecyclePolicy:LifecyclePolicy": (
        "ecr",
        "PutLifecyclePolicy",
        {"repository": "repositoryName", "policy": "lifecyclePolicyText"},
        {},
    ),
    "ecr/repositoryPolicy:RepositoryPolicy": (
        "ecr",
        "SetRepositoryPolicy",
        {"repository": "repositoryName", "policy": "policyText"},
        {},
    ),
    "route53/record:Record": ("route53", "ChangeResourceRecordSets", {"zoneId": "HostedZoneId"}, {}),
    "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": (
        "s3",
        "PutBucketLifecycleConfiguration",
        {},
        {INTO: ["LifecycleConfiguration"]},
    ),
    "s3/bucketLogging:BucketLogging": ("s3", "PutBucketLogging", {}, {INTO: ["BucketLoggingStatus", "LoggingEnabled"]}),
    "s3/bucketOwnershipControls:BucketOwnershipControls": (
        "s3",
        "PutBucketOwnershipControls",
        {},
        {INTO: ["OwnershipControls"]},
    ),
    "s3/bucketPolicy:BucketPolicy": ("s3", "PutBucketPolicy", {}, {}),
    "s3/bucketPublicAccessBlock:BucketPublicAccessBlock": (
        "s3",
        "PutPublicAccessBlock",
        {},
        {INTO: ["PublicAccessBlockConfiguration"]},
    ),
    "s3/bucketReplicationConfig:BucketReplicationConfig": (
        "s3",
        "PutBucketReplication",
        {},
        {INTO: ["ReplicationConfiguration"]},
    ),
    "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        "s3",
        "PutBucketEncryption",
        {},
        {INTO: ["ServerSideEncryptionConfiguration"]},
    ),
    "s3/bucketVersioning:BucketVersioning": ("s3", "PutBucketVersioning", {}, {}),
    "cloudwatch/logGroup:LogGroup": ("logs", "CreateLogGroup", {"name": "logGroupName", "retentionInDays": None}, {}),
    "ebs/volume:Volume": ("ec2", "CreateVolume", {"type": "VolumeType"}, {}),
    "ec2/eip:Eip": ("ec2", "AllocateAddress", {}, {}),
    "ec2/eipAssociation:EipAssociation": ("ec2", "AssociateAddress", {}, {}),
    "ec2/flowLog:FlowLog": (
        "ec2",
        "CreateFlowLogs",
        {"vpcId": "ResourceIds", "iamRoleArn": "DeliverLogsPermissionArn"},
        {"ResourceType": "VPC"},
    ),
    "ec2/instance:Instance": (
        "ec2",
        "RunInstances",
        {"ami": "ImageId", "rootBlockDevice": None, "userDataReplaceOnChange": None},
        {"MinCount": 1, "MaxCount": 1},
    ),
    "ec2/keyPair:KeyPair": ("ec2", "ImportKeyPair", {"publicKey": "PublicKeyMaterial"}, {}),
    "ec2/launchTemplate:LaunchTemplate": ("ec2", "CreateLaunchTemplate", {"name": "LaunchTemplateName"}, {}),
    "ec2/mainRouteTableAssociation:MainRouteTableAssociation": None,
    "ec2/networkInterface:NetworkInterface": ("ec2", "CreateNetworkInterface", {"securityGroups": "Groups"}, {}),
    "ec2/routeTableAssociation:RouteTableAssociation": ("ec2", "AssociateRouteTable", {}, {}),
    "ec2/securityGroup:SecurityGroup": ("ec2", "CreateSecurityGroup", {"name": "GroupName"}, {}),
    "ec2/volumeAttachment:VolumeAttachment": ("ec2", "AttachVolume", {"deviceName": "Device"}, {}),
    "eks/accessPolicyAssociation:AccessPolicyAssociation": ("eks", "AssociateAccessPolicy", {}, {}),
    "eks/nodeGroup:NodeGroup": (
        "eks",
        "CreateNodegroup",
        {"nodeGroupName": "nodegroupName", "subnetIds": "subnets", "nodeRoleArn": "nodeRole"},
        {},
    ),
    "eks/cluster:Cluster": ("eks", "CreateCluster", {"vpcConfig": "resourcesVpcConfig"}, {}),
    "iam/openIdConnectProvider:OpenIdConnectProvider": ("iam", "CreateOpenIDConnectProvider", {"clientIdLists": "ClientIDList"}, {}),
    "iam/role:Role": ("iam", "CreateRole", {"assumeRolePolicy": "AssumeRolePolicyDocument"}, {}),
    "iam/rolePolicy:RolePolicy": ("iam", "PutRolePolicy", {"policy": "PolicyDocument", "name": "PolicyName", "role": "RoleName"}, {}),
    "iam/rolePolicyAttachment:RolePolicyAttachment": ("iam", "AttachRolePolicy", {"role": "RoleName"}, {}),
    # These say what a role has besides nothing: the provider compares, and AWS knows no such thing.
    "iam/rolePoliciesExclusive:RolePoliciesExclusive": None,
    "iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive": None,
    "kms/alias:Alias": ("kms", "CreateAlias", {"name": "AliasName"}, {}),
    "s3/bucket:Bucket": ("s3", "CreateBucket", {}, {}),
    "secretsmanager/secretVersion:SecretVersion": ("secretsmanager", "PutSecretValue", {}, {}),
    "ec2/vpcEndpoint:VpcEndpoint": ("ec2", "CreateVpcEndpoint", {"policy": "PolicyDocument"}, {}),
    "vpc/securityGroupEgressRule:SecurityGroupEgressRule": ("ec2", "AuthorizeSecurityGroupEgress", {}, {}),
    "vpc/securityGroupIngressRule:SecurityGroupIngressRule": ("ec2", "AuthorizeSecurityGroupIngress", {}, {}),
}
# The same thing under two names.
SYNONYMS = {"securitygroups": "groups"}
# The provider puts these into other calls, or keeps them for itself.
OWN = {"region", "tagsAll", "tags", "forceDestroy", "forceDelete", "skipDestroy", "forceDetach", "finalSnapshot", "updateDefaultVersion"}
