#!/bin/sh
# Makes the buckets of BUCKETS where they are not there, and says of each whether anybody may download: those of PUBLIC.
# With the curl of the image; ENDPOINT, ACCESS_KEY and SECRET_KEY say where and as whom.
set -eu
answer=/tmp/answer

# ask METHOD PATH ACCEPTED [BODY]: one signed request. The key goes through a pipe: arguments can be read by others.
ask() {
  code=$(
    printf 'user = "%s:%s"\n' "$ACCESS_KEY" "$SECRET_KEY" |
      curl --config - --silent --show-error --max-time 30 --output "$answer" --write-out '%{http_code}' \
        --aws-sigv4 aws:amz:us-east-1:s3 --request "$1" ${4:+--data-binary "$4"} "$ENDPOINT/$2"
  )
  case " $3 " in
    *" $code "*) ;;
    *)
      echo "$1 $2 was answered with $code:" >&2
      cat "$answer" >&2
      exit 1
      ;;
  esac
}

for bucket in $BUCKETS; do
  ask PUT "$bucket" '200 409'
  case " $PUBLIC " in
    *" $bucket "*)
      statement="{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":[\"*\"]},\"Action\":[\"s3:GetObject\"],\"Resource\":[\"arn:aws:s3:::$bucket/*\"]}"
      ask PUT "$bucket?policy=" '200 204' "{\"Version\":\"2012-10-17\",\"Statement\":[$statement]}"
      ;;
    *) ask DELETE "$bucket?policy=" '200 204 404' ;;
  esac
  echo "bucket $bucket is there"
done
