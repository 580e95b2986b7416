# Runs as root inside the image while it is made. One binary under the paths of the four images: it goes by the name it is
# called by.
for program in webhook cainjector acmesolver; do
  mkdir -p "/app/cmd/$program"
  ln -s ../controller/controller "/app/cmd/$program/$program"
done
